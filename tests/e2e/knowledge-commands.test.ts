import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { ask, KEYS } from "../../harness/chat-requests.ts";
import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { hasPostgres, sharedPostgres } from "../../harness/postgres.ts";
import {
  cleanUp,
  runChatporch,
  type Settings,
  spawnChatporch,
  startChatporch,
  temporaryFolder,
} from "../../harness/process.ts";
import { CrawledSite, htmlPage } from "../support/crawled-site.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(60_000);

let folder: string;
let settings: Settings;
let site: CrawledSite | undefined;
let model: ModelServer | undefined;

beforeEach(() => {
  folder = temporaryFolder();
  settings = {};
});
afterEach(async () => {
  await cleanUp();
  await site?.stop();
  await model?.stop();
  site = undefined;
  model = undefined;
});

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

const run = (...words: string[]) => runChatporch(words, settings, folder);

const GUIDE = "# Parcels\n\n## To Norway\n\nA parcel to Norway takes **three** days.\n";
const FAQ = "question,answer\nDo you sell gift cards?,Yes: from 5 EUR.\nWhere are you?,In Oslo.\n";

/** What holds for a database file, and for a server of databases. */
function knowsWhatItLearned(): void {
  test("a folder is learned, found, learned again and forgotten", async () => {
    put({
      "docs/guide.md": GUIDE,
      "docs/more/faq.csv": FAQ,
      "docs/.hidden.md": "x",
      "docs/a.png": "x",
    });
    symlinkSync("/etc", join(folder, "docs/link"));
    expect(await run("learn", "./docs/")).toMatchObject({
      exitCode: 0,
      stdout: "docs: 3 stored, 0 unchanged\n",
      stderr: "",
    });
    const recalled = await run("recall", "How long does it take to Norway?");
    expect(recalled.exitCode).toBe(0);
    expect(recalled.stdout).toMatch(
      /^\d+\.\d\d {2}Parcels › To Norway\n {2}docs\/guide.md#to-norway\n {2}words: .*norway/,
    );
    expect(recalled.stdout).toContain("A parcel to Norway takes **three** days.");

    rmSync(join(folder, "docs/more"), { recursive: true });
    put({ "docs/broken.jsonl": "{}" });
    expect((await run("learn", "docs")).stdout).toBe(
      'docs: 0 stored, 1 unchanged, 2 removed, 1 not read\n  docs/broken.jsonl: Line 1 has no "text", "answer" or "content".\n',
    );
    expect((await run("recall", "gift cards")).stdout).not.toContain("5 EUR");
    const listed = await run("knowledge", "docs");
    expect(listed.stdout).toMatch(
      /^docs\n {2}1 document, 1 failed, 1 section, \d+ words, read 2\d{3}-/,
    );
    expect(listed.stdout).toContain("  docs/guide.md  Parcels  ");

    expect(await run("forget", "docs")).toMatchObject({
      exitCode: 0,
      stdout: "docs is forgotten, with its 2 documents.\n",
    });
    expect((await run("recall", "Norway")).stdout).toBe(
      "Nothing that is known fits this question.\n",
    );
    expect((await run("knowledge")).stdout).toStartWith("Nothing is known.");
  });

  test("a website is learned here and now, and named with what could not be read", async () => {
    site = new CrawledSite();
    const address = `${site.origin.replace("site.test", "127.0.0.1")}/`;
    site.set({
      "/": htmlPage("Home", "Welcome to all of you who come here.", ["/prices", "/app", "/gone"]),
      "/prices": htmlPage("Prices", "All about the prices of this shop."),
      "/app": "<div id=root></div><script src=x></script>",
    });
    settings = { ...settings, KNOWLEDGE_ALLOW_PRIVATE: "127.0.0.1" };
    const learned = await run("learn", address, "--every", "2d");
    expect(learned).toMatchObject({ exitCode: 0, stderr: "" });
    expect(learned.stdout).toStartWith(`${address}: 2 pages stored, 0 unchanged`);
    expect(learned.stdout).toContain(
      `  ${address}app: There is no text in it: is it made in the browser`,
    );
    expect((await run("recall", "prices")).stdout).toContain(`${address}prices`);
    expect((await run("knowledge")).stdout).toMatch(/every 48 h, next 2\d{3}-/);
    // What the server does later, on its schedule, the command does when it is asked for.
    site.set({ "/prices": htmlPage("Prices", "All the new prices of this shop.") });
    expect((await run("learn", address)).stdout).toStartWith(
      `${address}: 1 page stored, 1 unchanged`,
    );
  });
}

describe("with a database file", knowsWhatItLearned);

describe.skipIf(!hasPostgres)("with PostgreSQL", () => {
  beforeEach(async () => {
    settings = { DATABASE_URL: await (await sharedPostgres()).createDatabase() };
  });
  knowsWhatItLearned();
});

describe("a command about what the bot knows", () => {
  test("works beside a running server, whose next answer knows it", async () => {
    model = startModelServer(answer("From 5 EUR [1]."));
    const server = await startChatporch({ ...KEYS, OPENAI_BASE_URL: model.url }, folder);
    put({ "faq.csv": FAQ });
    expect((await run("learn", "faq.csv")).stdout).toBe("faq.csv: 2 stored, 0 unchanged\n");
    const answered = await ask(server.url, "Do you have gift cards?", { path: "/v1/chat" });
    expect(await answered.json()).toMatchObject({
      message: "From 5 EUR [1].",
      grounding: "cited",
      sources: [{ number: 1, title: "Do you sell gift cards?" }],
    });
    expect((await run("recall", "gift cards")).stdout).toContain("faq.csv#do-you-sell-gift-cards");
    expect((await run("forget", "faq.csv#where-are-you")).exitCode).toBe(0);
    expect((await run("knowledge")).stdout).toContain("1 document,");
    expect(await server.stop()).toBe(0);
    expect(server.stderr.text()).not.toContain('"level":"error"');
  });

  test("that its owner ends with Ctrl-C leaves what it has read, and the source to others", async () => {
    site = new CrawledSite();
    const address = `${site.origin.replace("site.test", "127.0.0.1")}/`;
    const names = Array.from({ length: 60 }, (_, index) => `/page-${index}`);
    site.set({ "/": htmlPage("Home", "Welcome to all of you.", names) });
    for (const name of names) site.set({ [name]: htmlPage(name, `This is all about ${name}.`) });
    settings = { KNOWLEDGE_ALLOW_PRIVATE: "127.0.0.1" };
    const learning = spawnChatporch(["learn", address], settings, folder);
    const { asked } = site;
    await until(() => asked.length > 3);
    learning.kill("SIGINT");
    expect(await learning.exited).toBe(130);
    expect(learning.stderr.text()).toContain("stopped. What was read until then is known.");
    const { stdout } = await run("knowledge");
    expect(stdout).toContain("The reading was stopped at the terminal.");
    expect(stdout).not.toContain("being read");
    expect((await run("learn", `${address}page-1`, "--page")).exitCode).toBe(0);
  });

  test("takes standard input", async () => {
    const pipe = ["sh", "-c", `printf '%s' "$TEXT" | "$@"`, "sh"];
    const words = ["learn", "-", "--as", "hours.md"];
    const learned = await runChatporch(words, { TEXT: "Open from nine to five." }, folder, pipe);
    expect(learned.stdout).toBe("hours.md: 1 stored, 0 unchanged\n");
    expect((await run("recall", "open")).stdout).toContain("Open from nine to five.");
  });

  test.each([
    [["learn"], 64, "takes one address"],
    [["learn", "docs", "--every", "24h"], 64, "with an address only"],
    [
      ["learn", "example.com"],
      1,
      "There is no file or folder example.com. A website begins with https://.",
    ],
    [["learn", "empty"], 1, "There is no file in empty that can be read. Nothing was changed."],
    [["learn", "picture.png"], 1, ""],
    [["learn", "https://127.0.0.1:1/"], 1, "127.0.0.1 is not on the internet."],
    [["learn", "https://user:word@shop.example/"], 1, "a user name or a password in it"],
    [
      ["learn", "https://shop.example/", "--only", "https://other.example/"],
      1,
      "is not on the website",
    ],
    [["knowledge", "a", "b"], 64, "at most the name of one source"],
    [["knowledge", "nothing"], 1, "There is no source nothing."],
    [["forget"], 64, "takes the name of one"],
    [["forget", "nothing"], 1, "There is nothing known of the name nothing."],
    [["recall"], 64, "takes a question, or --test"],
    [["recall", "a", "--floor", "0.5"], 64, "takes --floor beside --test"],
    [["recall", "--test", "nothing.csv"], 1, "There is no file nothing.csv."],
    [["recall", "--test", "picture.png"], 1, "the columns question and url"],
  ] as const)("refuses what it cannot do, in a sentence: %j", async (words, code, reason) => {
    mkdirSync(join(folder, "empty"));
    put({ "picture.png": "x" });
    const { exitCode, stderr } = await run(...words);
    expect(exitCode).toBe(code);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain("    at ");
    expect((await run("knowledge")).stdout).toStartWith("Nothing is known.");
  });

  test("counts how many answers are found", async () => {
    put({
      "docs/guide.md": GUIDE,
      "docs/faq.csv": FAQ,
      "questions.csv": [
        "question,url",
        "How long to Norway?,docs/guide.md",
        "gift cards?,docs/faq.csv#do-you-sell-gift-cards",
        "Who is the queen?,docs/faq.csv#where-are-you",
        "gift cards?,docs/gone.md",
      ].join("\n"),
    });
    await run("learn", "docs");
    const { exitCode, stdout } = await run("recall", "--test", "questions.csv", "--floor", "0.5");
    expect([exitCode, stdout]).toEqual([
      0,
      [
        "3 questions: recall@5 0.500, MRR@10 0.667",
        "Addresses that are not known:",
        "  docs/gone.md",
        "Questions whose answer is not among the first five:",
        "  Who is the queen?",
        "",
      ].join("\n"),
    ]);
    expect((await run("recall", "--test", "questions.csv", "--floor", "0.51")).exitCode).toBe(1);
  });

  test("shows nothing that a terminal would obey", async () => {
    put({ "a\u001b[31m.md": "red \u001b[31mtext" });
    const name = "a\u001b[31m.md";
    expect((await run("learn", name)).stdout).toBe("a [31m.md: 1 stored, 0 unchanged\n");
    for (const words of [["recall", "red"], ["knowledge"], ["knowledge", name], ["forget", name]]) {
      expect((await run(...words)).stdout).not.toContain("\u001b");
    }
  });
});
