import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { widgetFiles } from "../src/assets/widget-files.ts";
import { API_ERRORS } from "../src/errors.ts";
import { ClusterMetrics } from "../src/metrics/cluster-metrics.ts";
import { Metrics } from "../src/metrics/metrics.ts";
import { NoticeMetrics } from "../src/metrics/notice-metrics.ts";
import { createTestApp } from "./support/test-app.ts";

/** Checks that the papers' statements about the repository and the server are true. */

const ROOT = join(import.meta.dir, "..");
const PAPERS = ["*.md", "docs/*.md"].flatMap((pattern) => [
  ...new Bun.Glob(pattern).scanSync({ cwd: ROOT }),
]);
const papers = await Promise.all(
  PAPERS.map(async (path) => ({ path, text: await Bun.file(join(ROOT, path)).text() })),
);
const textOf = (path: string) => papers.find((paper) => paper.path === path)?.text ?? "";

/** The text without blocks of code, whose lines are neither headings nor links. */
function proseOf(text: string): string {
  return text.replaceAll(/^( *)```[^]*?^\1```$/gm, "");
}

/** The anchors of a paper's headings, as GitHub makes them. */
function anchorsOf(path: string): string[] {
  return Array.from(proseOf(textOf(path)).matchAll(/^#+ (.+)$/gm), ([, heading = ""]) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The broken links of a paper: to a missing file, or to a missing heading. */
function brokenLinks(path: string, text: string): string[] {
  const links = Array.from(proseOf(text).matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : relative(ROOT, join(ROOT, dirname(path), file));
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && !anchorsOf(target).includes(anchor);
  });
}

describe("the papers", () => {
  test("are those that a reader expects", () => {
    expect(PAPERS).toContain("README.md");
    expect(PAPERS).toContain("docs/contract.md");
    expect(PAPERS.length).toBeGreaterThan(12);
  });

  test.each(papers.map(({ path, text }) => [path, text] as const))(
    "%s has links that lead to files and headings which exist",
    (path, text) => {
      expect(brokenLinks(path, text)).toEqual([]);
    },
  );

  test("with a broken link would be noticed", () => {
    const text = "[a](settings.md#no-such-heading) [b](nothing.md) [c](https://example.com/x)";
    expect(brokenLinks("docs/api.md", text)).toEqual(["settings.md#no-such-heading", "nothing.md"]);
  });

  test.each(papers.map(({ path, text }) => [path, text] as const))(
    "%s names files of the repository that exist",
    (path, text) => {
      if (path === "CHANGELOG.md") return;
      const named = text.matchAll(
        /(?<![\w./-])((?:src|tests|scripts|harness|docs|\.github)\/[\w./-]+)/g,
      );
      const missing = Array.from(named, ([, file = ""]) => file.replace(/[.,]$/, "")).filter(
        (file) => !existsSync(join(ROOT, file)),
      );
      expect(missing).toEqual([]);
    },
  );

  test("are each linked from another paper", () => {
    const linked = new Set(
      papers.flatMap(({ path, text }) =>
        Array.from(proseOf(text).matchAll(/\]\(([^)#\s]+\.md)/g), ([, link = ""]) =>
          relative(ROOT, join(ROOT, dirname(path), link)),
        ),
      ),
    );
    expect(PAPERS.filter((path) => path !== "README.md" && !linked.has(path))).toEqual([]);
  });
});

test("docs/architecture.md names folders and files of src that exist", () => {
  const names = Array.from(
    textOf("docs/architecture.md").matchAll(/`((?:[a-z-]+\/)+(?:[a-z-]+\.ts)?)`/g),
    ([, name = ""]) => name,
  );
  const isThere = (name: string) =>
    existsSync(join(ROOT, "src", name)) || existsSync(join(ROOT, name));
  expect(names.length).toBeGreaterThan(40);
  // Folders of tests/, which the paper names beside it.
  const ofTests = new Set([
    "e2e/",
    "browsers/",
    "security/",
    "faults/",
    "browsers/",
    "fuzz/",
    "sqlite/",
  ]);
  expect(names.filter((name) => !isThere(name) && !ofTests.has(name))).toEqual([]);
});

/** The rows of a table of errors: each code with the status in front of it. */
function errorRows(text: string): Map<string, string> {
  const rows = Array.from(text.matchAll(/^\| (\d{3}[\d, ]*?) +\| ([^|]+)\|/gm));
  return new Map(
    rows.flatMap(([, statuses = "", codes = ""]) =>
      Array.from(codes.matchAll(/`([a-z_]+)`/g), ([, code = ""]) => [code, statuses] as const),
    ),
  );
}

describe("every error of the API", () => {
  test.each(["docs/contract.md", "docs/api.md"])("is in the table of %s", (path) => {
    const rows = errorRows(textOf(path));
    for (const [code, { status }] of Object.entries(API_ERRORS)) {
      expect([code, rows.get(code)?.split(", ").includes(String(status))]).toEqual([code, true]);
    }
  });
});

test("the table of docs/contract.md has every route of the API, and no other", async () => {
  const app = createTestApp({ env: { NODE_ENV: "development" } });
  const routes = app.app.routes
    .filter(({ method, path }) => method !== "OPTIONS" && !path.startsWith("/dashboard"))
    .map(({ method, path }) => `${method} ${path.replace(widgetFiles.whole.hash, "<hash>")}`);
  await app.close();
  const written = textOf("docs/contract.md").matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^`?]*)/g);
  const documented = new Set(Array.from(written, ([, route = ""]) => route));
  expect([...documented].toSorted()).toEqual(routes.toSorted());
});

/** The names of metrics, from a text for Prometheus. */
function metricsIn(exposition: string): string[] {
  return Array.from(exposition.matchAll(/^# TYPE (\S+)/gm), ([, name = ""]) => name);
}

/** Those that have no row in a table of the paper. */
function missingRows(path: string, names: readonly string[]): string[] {
  const rows = textOf(path)
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  return names.filter((name) => !rows.some((row) => row.includes(`\`${name}`)));
}

test("every metric is in the table of docs/running.md", () => {
  const names = metricsIn(new Metrics().write());
  expect(names.length).toBeGreaterThan(10);
  expect(missingRows("docs/running.md", names)).toEqual([]);
});

test("every metric that only a server with a channel for notices has is in the table of docs/running.md", () => {
  const metrics = new Metrics();
  new NoticeMetrics(metrics);
  expect(missingRows("docs/running.md", metricsIn(metrics.write()))).toEqual([]);
  expect(metricsIn(metrics.write())).toContain("chatporch_notices_waiting");
});

test("every metric that only replicas have is in the table of docs/scaling.md", () => {
  const alone = metricsIn(new Metrics().write());
  const metrics = new Metrics();
  new ClusterMetrics(metrics);
  const names = metricsIn(metrics.write()).filter((name) => !alone.includes(name));
  expect(names).toContain("chatporch_bus_up");
  expect(missingRows("docs/scaling.md", names)).toEqual([]);
});
