import { afterEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";

import {
  MAX_GZIP_BYTES,
  panelFile,
  peopleFile,
  widgetFiles,
  widgetSizes,
} from "../../src/assets/widget-files.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { LANGUAGES } from "../../src/widget/language.ts";
import { ALL } from "../../src/widget/panel/languages/all.ts";
import { ALL as PEOPLE_ALL } from "../../src/widget/people/languages/all.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

const { loader, whole, element, types, extras, sources, preview, limits } = widgetFiles;
const panel = panelFile("en");
const oldLoadersPanel = panelFile();
const PRODUCTION: Env = { NODE_ENV: "production", OPENAI_API_KEY: "sk-upstream" };

let app: TestApp;

function start(env: Env = {}): void {
  app = createTestApp({ env });
}

afterEach(() => app?.close());

test("the files as they are sent stay within their size limits", () => {
  expect(MAX_GZIP_BYTES).toEqual({
    loader: 4 * 1024,
    panel: 24 * 1024,
    extras: 2 * 1024,
    sources: 1024,
    preview: 1024,
    limits: 4 * 1024,
    people: 8 * 1024,
    element: 4 * 1024,
  });
  const files = [
    ["loader", loader],
    ["extras", extras],
    ["sources", sources],
    ["preview", preview],
    ["limits", limits],
    ["element", element],
    ...LANGUAGES.map((language) => ["panel", panelFile(language)] as const),
    ...LANGUAGES.map((language) => ["people", peopleFile(language)] as const),
  ] as const;
  for (const [name, { gzip, source }] of files) {
    expect(Bun.gunzipSync(gzip)).toEqual(Buffer.from(source));
    expect(gzip.length).toBeLessThanOrEqual(MAX_GZIP_BYTES[name]);
  }
  expect(widgetSizes().isWithin).toBe(true);
  expect(widgetSizes().lines[0]).toBe(`loader: ${loader.gzip.length} of 4096 bytes, gzipped`);
});

test("loader and element know the panel that was built with them, and the file with a hash holds both", () => {
  for (const { source } of [loader, element]) {
    expect(`/widget/panel/${/[0-9a-f]{16}/.exec(source)}.en.js`).toBe(panel.path);
  }
  expect(whole.source).not.toContain(oldLoadersPanel.hash);
  expect(whole.source.length).toBeGreaterThan(panel.source.length);
});

test("the integrity hash is that of the file that is sent", async () => {
  start();
  const response = await app.fetch(whole.path);
  const hash = createHash("sha384")
    .update(await response.text())
    .digest("base64");
  expect(whole.integrity).toBe(`sha384-${hash}`);
});

describe.each([loader, panel, oldLoadersPanel, whole, element, types].map(({ path }) => path))(
  "%s",
  (path) => {
    test("may be read by any website, and says the same to each of them", async () => {
      start(PRODUCTION);
      for (const origin of ["https://elsewhere.example", "null", "https://www.example.com"]) {
        const { status, headers } = await app.fetch(path, { headers: { origin } });
        expect([status, headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
        expect(headers.get("vary")).toBe("Accept-Encoding");
        expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
      }
    });

    test("may be read as well with a slash at its end", async () => {
      start(PRODUCTION);
      const { status, headers } = await app.fetch(`${path}/`, {
        headers: { origin: "https://elsewhere.example" },
      });
      expect([status, headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
    });

    test("is sent as gzip to clients that accept it", async () => {
      start();
      const base = app.listen();
      const cases = {
        "gzip, br": "gzip",
        "br;q=1, gzip;q=0.5": "gzip",
        "gzip;q=0": null,
        br: null,
      };
      const sources = new Set<string>();
      for (const [accepted, encoding] of Object.entries(cases)) {
        const response = await fetch(base + path, { headers: { "accept-encoding": accepted } });
        expect([accepted, response.headers.get("content-encoding")]).toEqual([accepted, encoding]);
        sources.add(await response.text());
      }
      expect(sources.size).toBe(1);
    });

    test("in production, is a 304 for a client that has the newest one", async () => {
      start(PRODUCTION);
      const etag = (await app.fetch(path)).headers.get("etag") ?? "";
      for (const known of [etag, etag.replace("W/", ""), `"other", ${etag}`, "*"]) {
        const response = await app.fetch(path, { headers: { "if-none-match": known } });
        expect([response.status, await response.text()]).toEqual([304, ""]);
        expect(response.headers.get("etag")).toBe(etag);
        expect(response.headers.get("x-content-type-options")).toBe("nosniff");
        expect(response.headers.get("access-control-allow-origin")).toBe("*");
      }
      const other = await app.fetch(path, { headers: { "if-none-match": '"other"' } });
      expect(other.status).toBe(200);
    });
  },
);

/** What a panel's file exports, as the browser reads it. */
async function sentencesOf(path: string): Promise<unknown> {
  const source = await (await app.fetch(path)).text();
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { sentences } = await import(url);
  URL.revokeObjectURL(url);
  return sentences;
}

describe("a panel", () => {
  test.each(LANGUAGES)(
    "in the language %s says everything in it, and nothing else",
    async (language) => {
      start();
      const { path } = panelFile(language);
      expect(await sentencesOf(path)).toEqual({ [language]: ALL[language] });
    },
  );

  test("without a language says everything in all, for loaders of the first versions", async () => {
    start();
    expect(await sentencesOf(oldLoadersPanel.path)).toEqual(ALL);
  });

  test.each([
    ["extras", extras],
    ["sources", sources],
    ["preview", preview],
    ["limits", limits],
    ["people.de", peopleFile("de")],
  ])("has the file %s beside it, by the hash of any version", async (name, file) => {
    start(PRODUCTION);
    const response = await app.fetch(file.path);
    expect(await response.text()).toBe(file.source);
    expect(response.headers.get("cache-control")).toContain("immutable");
    const other = await app.fetch(`/widget/panel/0123456789abcdef.${name}.js`);
    expect(await other.text()).toBe(file.source);
    expect(other.headers.get("cache-control")).toBe("public, max-age=300");
    // For a panel of the first loaders, whose name has no language.
    expect(await (await app.fetch(`/widget/panel/${name}.js`)).text()).toBe(file.source);
  });

  test("has ratings and people beside it in each language, and in English for one that is not known", async () => {
    start(PRODUCTION);
    for (const language of LANGUAGES) {
      expect(await sentencesOf(peopleFile(language).path)).toEqual({
        [language]: PEOPLE_ALL[language],
      });
    }
    const other = await app.fetch(peopleFile("en").path.replace(".en.", ".tlh."));
    expect(await other.text()).toBe(peopleFile("en").source);
  });

  test("in a language that the server does not know speaks English, which is not kept for long", async () => {
    start(PRODUCTION);
    const response = await app.fetch(panel.path.replace(".en.", ".tlh."));
    expect(await response.text()).toBe(panel.source);
    expect(response.headers.get("cache-control")).toBe("public, max-age=300");
  });
});

describe("a panel of another version", () => {
  test("is answered with the newest one, which is not kept for long", async () => {
    start(PRODUCTION);
    const cached = async (path: string, { source } = panel) => {
      const response = await app.fetch(path);
      expect(await response.text()).toBe(source);
      return response.headers.get("cache-control");
    };
    expect(await cached(panel.path)).toBe("public, max-age=31536000, immutable");
    expect(await cached("/widget/panel/0123456789abcdef.en.js")).toBe("public, max-age=300");
    expect(await cached("/widget/panel/0123456789abcdef.en.js?!")).toBe("public, max-age=300");
    const ofOldLoader = "/widget/panel/0123456789abcdef.js";
    expect(await cached(ofOldLoader, oldLoadersPanel)).toBe("public, max-age=300");
    expect(await cached(oldLoadersPanel.path, oldLoadersPanel)).toContain("immutable");
  });

  test.each([
    "panel.js",
    "0123456789abcde.js",
    "0123456789ABCDEF.js",
    "0123456789abcdef.js.map",
    "0123456789abcdef..js",
    "0123456789abcdef.people.extras.en.js",
    "people.js",
    "0123456789abcdef.EN.js",
    "0123456789abcdef.en.de.js",
    `0123456789abcdef.${"a".repeat(13)}.js`,
  ])("is not %s", async (file) => {
    start();
    expectError(await readAnswer(await app.fetch(`/widget/panel/${file}`)), "not_found");
  });
});
