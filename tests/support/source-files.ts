import { Glob } from "bun";

export interface SourceFile {
  /** Relative to src. */
  readonly path: string;
  readonly text: string;
}

const SRC = new URL("../../src/", import.meta.url).pathname;

/** Every TypeScript file of the product, in the order of their paths. */
export async function readSourceFiles(): Promise<SourceFile[]> {
  const paths = (await Array.fromAsync(new Glob("**/*.{ts,tsx}").scan(SRC))).toSorted();
  return Promise.all(
    paths.map(async (path) => ({ path, text: await Bun.file(SRC + path).text() })),
  );
}

/** The code with comments, and what strings hold, blanked out; line numbers stay. */
export function withoutCommentsAndText(code: string): string {
  const blank = (text: string) => text.replaceAll(/[^\n]/g, " ");
  const parts = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
  return code.replaceAll(parts, (part) => {
    if (part.startsWith("/")) return blank(part);
    const quote = part.charAt(0);
    return quote + blank(part.slice(1, -1)) + quote;
  });
}
