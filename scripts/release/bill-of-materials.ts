import { readFileSync } from "node:fs";
import { join } from "node:path";

import { version } from "../../package.json";

interface Component {
  readonly type: "library" | "platform";
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses: readonly unknown[];
}

const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/**
 * What the binary consists of, as CycloneDX 1.6: the packages whose files the bundler takes, and Bun itself.
 * Packages that are only installed, such as those of the tests, are not in it.
 * @param at seconds since the epoch, so that the same commit gives the same file
 */
export async function billOfMaterials(at: number): Promise<string> {
  const bundled = await Bun.build({
    entrypoints: ["src/main.ts"],
    target: "bun",
    format: "esm",
    splitting: true,
    metafile: true,
  });
  const files = Object.keys(bundled.metafile?.inputs ?? {});
  const folders = new Set(files.flatMap((file) => PACKAGE.exec(file) ?? []));
  const bun: Component = {
    type: "platform",
    name: "bun",
    version: Bun.version,
    licenses: [{ license: { id: "MIT" } }],
  };
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: new Date(at * 1000).toISOString(),
      component: { type: "application", name: "chatporch", version },
    },
    components: [bun, ...[...folders].toSorted().map(componentIn)],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function componentIn(folder: string): Component {
  const manifest: { name: string; version: string; license?: string } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  return {
    type: "library",
    name: manifest.name,
    version: manifest.version,
    purl: `pkg:npm/${manifest.name.replace("@", "%40")}@${manifest.version}`,
    licenses: manifest.license === undefined ? [] : [{ license: { name: manifest.license } }],
  };
}
