import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { ask, KEYS } from "../../harness/chat-requests.ts";
import { hasPostgres, sharedPostgres } from "../../harness/postgres.ts";
import {
  cleanUp,
  runChatporch,
  type RunningServer,
  type Settings,
  startChatporch,
  temporaryFolder,
} from "../../harness/process.ts";
import { spawnInTerminal } from "../../harness/terminal.ts";
import { closePages, hasBrowser, openPage } from "../support/browser.ts";

setDefaultTimeout(60_000);

/** A server without any settings, and the password that its owner chooses. */

const PRODUCTION = { NODE_ENV: "production", HOST: "127.0.0.1" };
const PASSWORD = "an owner's own words";
const OTHER_PASSWORD = "the owner's second thoughts";

afterEach(async () => {
  closePages();
  await cleanUp();
});

/** The link that the start has printed. The server may have printed another address than it listens on. */
async function claimLinkOf(server: RunningServer): Promise<string> {
  const [, link = ""] = await server.stderr.until(/Claim the dashboard: .*\n +(\S+)\n/);
  return link;
}

async function claim(url: string, link: string): Promise<Response> {
  const token = new URL(link).hash.slice(1);
  return post(`${url}/dashboard/claim`, { token, password: PASSWORD, again: PASSWORD });
}

function logIn(url: string, password: string): Promise<Response> {
  return post(`${url}/dashboard/login`, { password });
}

function post(url: string, fields: Record<string, string>): Promise<Response> {
  return fetch(url, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
}

const cookieOf = (response: Response) => response.headers.get("set-cookie")?.split(";")[0] ?? "";

async function open(url: string, cookie: string): Promise<number> {
  return (await fetch(`${url}/dashboard`, { headers: { cookie } })).status;
}

/** Runs `chatporch password` behind a pipe that the text comes from. */
function pipePassword(text: string, folder: string, settings: Settings = {}) {
  const pipe = ["sh", "-c", `printf '%s\\n' "$TEXT" | "$@"`, "sh"];
  return runChatporch(["password"], { ...settings, TEXT: text }, folder, pipe);
}

describe("production without any setting", () => {
  test("starts, is claimed with the link that it prints, and goes on after a restart", async () => {
    const server = await startChatporch(PRODUCTION);
    const link = await claimLinkOf(server);
    expect(link).toMatch(new RegExp(`^${server.url}/dashboard/claim#[\\w-]{43}$`));
    const banner = server.stderr.text();
    expect(server.stdout.text()).toBe("");
    expect(banner).toContain(`dashboard  ${server.url}/dashboard\n`);
    const [, key = ""] = /widget key (\S{43})\n/.exec(banner) ?? [];
    const headers = { "x-api-key": key };
    const refused = await ask(server.url, "Is anybody there?", { path: "/v1/chat", headers });
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: "not_set_up" }]);

    const claimed = await claim(server.url, link);
    expect(claimed.status).toBe(303);
    expect((await claim(server.url, link)).status).toBe(410);
    expect(await server.stop()).toBe(0);
    const token = new URL(link).hash.slice(1);
    for (const output of [server.stdout.text(), banner.replace(link, "")]) {
      expect(output).not.toContain(token);
      expect(output).not.toContain(PASSWORD);
    }

    const again = await startChatporch(PRODUCTION, server.folder);
    expect(again.stderr.text()).toContain(`widget key ${key}\n`);
    expect(again.stderr.text()).not.toContain("Claim");
    expect(await open(again.url, cookieOf(claimed))).toBe(200);
    expect((await logIn(again.url, PASSWORD)).status).toBe(303);
  });

  test("takes no claim link of an earlier start", async () => {
    const first = await startChatporch(PRODUCTION);
    const link = await claimLinkOf(first);
    first.kill("SIGKILL");
    await first.exited;
    const second = await startChatporch(PRODUCTION, first.folder);
    expect((await claim(second.url, link)).status).toBe(403);
    expect((await claim(second.url, await claimLinkOf(second))).status).toBe(303);
  });

  test.skipIf(!hasBrowser)("is claimed in a browser, which keeps no token", async () => {
    const server = await startChatporch(PRODUCTION);
    const page = await openPage();
    await page.goto(await claimLinkOf(server));
    await page.waitFor(`location.href === ${JSON.stringify(`${server.url}/dashboard/claim`)}`);
    expect(await page.evaluate(`getComputedStyle($("[data-claim]")).display`)).toBe("none");
    await page.fill("[name=password]", PASSWORD);
    await page.fill("[name=again]", PASSWORD);
    await page.press("Enter");
    await page.waitFor(`$("h1")?.textContent === "Overview"`);
    expect(page.failedRequests).toEqual([]);
    await page.reload();
    await page.waitFor(`$("h1")?.textContent === "Overview"`);
  });
});

describe("the command password", () => {
  test("takes the password from a pipe while the server runs, and ends every login", async () => {
    const server = await startChatporch(PRODUCTION);
    const link = await claimLinkOf(server);
    const cookie = cookieOf(await claim(server.url, link));
    expect(await open(server.url, cookie)).toBe(200);

    const changed = await pipePassword(OTHER_PASSWORD, server.folder, PRODUCTION);
    expect(changed).toMatchObject({ exitCode: 0, stderr: "" });
    expect(changed.stdout).not.toContain(OTHER_PASSWORD);
    expect(await open(server.url, cookie)).toBe(401);
    expect((await logIn(server.url, PASSWORD)).status).toBe(401);
    expect((await logIn(server.url, OTHER_PASSWORD)).status).toBe(303);
  });

  test("sets the first password before the first start, in a database that it makes and names", async () => {
    const folder = temporaryFolder();
    const { exitCode, stdout } = await pipePassword(PASSWORD, folder, PRODUCTION);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("made data/chatporch.db, which was not there");
    const server = await startChatporch(PRODUCTION, folder);
    expect(server.stderr.text()).not.toContain("Claim");
    expect((await logIn(server.url, PASSWORD)).status).toBe(303);
  });

  test("sets the first password between two starts, and ends the claim", async () => {
    const first = await startChatporch(PRODUCTION);
    await first.stop();
    expect((await pipePassword(PASSWORD, first.folder, PRODUCTION)).exitCode).toBe(0);
    const second = await startChatporch(PRODUCTION, first.folder);
    expect(second.stderr.text()).not.toContain("Claim");
    expect((await logIn(second.url, PASSWORD)).status).toBe(303);
  });

  test.each([
    ["for a database in memory", PASSWORD, { DATABASE_PATH: ":memory:" }, 1, ":memory:"],
    ["of nothing", "", {}, 1, "is empty"],
    ["that is weak", "password1234", {}, 1, "can be guessed"],
    ["of two lines", "an owner's own\nwords", {}, 1, "has more than one line"],
    [
      "beside the setting",
      PASSWORD,
      { ...KEYS, DASHBOARD_PASSWORD: "correct horse battery" },
      78,
      "DASHBOARD_PASSWORD is set",
    ],
  ] as const)("refuses a password %s, in a sentence", async (_name, text, more, code, reason) => {
    const { exitCode, stdout, stderr } = await pipePassword(text, temporaryFolder(), {
      ...PRODUCTION,
      ...more,
    });
    expect([exitCode, stdout]).toEqual([code, ""]);
    expect(stderr).toContain(reason);
    if (text !== "") expect(stderr).not.toContain(text);
  });

  test("never takes the password from the command line, and does not repeat it", async () => {
    const { exitCode, stderr } = await runChatporch(["password", PASSWORD]);
    expect(exitCode).toBe(64);
    expect(stderr).not.toContain(PASSWORD);
  });

  test("asks on a terminal and shows nothing of what is typed", async () => {
    const server = await startChatporch(PRODUCTION);
    const terminal = spawnInTerminal(["password"], PRODUCTION, server.folder);
    for (const [question, keys] of [
      [/New password of the dashboard: /, "short\r"],
      [/It is shorter than 12 characters\.[^]*New password of the dashboard: /, PASSWORD],
      [/^/, "\r"],
      [/The same again: /, "something else\r"],
      [/two different passwords\.[^]*New password of the dashboard: /, `${PASSWORD}\r`],
      [/The same again: /, `${PASSWORD}\r`],
    ] as const) {
      await terminal.until(question);
      terminal.type(keys);
    }
    expect(await terminal.exited).toBe(0);
    for (const typed of ["short\r", PASSWORD, "something"]) {
      expect(terminal.screen()).not.toContain(typed);
    }
    expect((await logIn(server.url, PASSWORD)).status).toBe(303);
  });

  test("changes nothing when its owner leaves with Ctrl-C", async () => {
    const server = await startChatporch(PRODUCTION);
    const terminal = spawnInTerminal(["password"], PRODUCTION, server.folder);
    await terminal.until(/New password of the dashboard: /);
    terminal.type(`${PASSWORD}\u0003`);
    expect(await terminal.exited).toBe(130);
    expect(terminal.screen()).toContain("The password is as it was.");
    expect((await claim(server.url, await claimLinkOf(server))).status).toBe(303);
  });
});

test.skipIf(!hasPostgres)(
  "on PostgreSQL, a claim is good at every replica, and the command ends the logins at all of them",
  async () => {
    const postgres = await sharedPostgres();
    const settings = { ...PRODUCTION, DATABASE_URL: await postgres.createDatabase() };
    const one = await startChatporch(settings);
    const other = await startChatporch(settings);
    const claimed = await claim(other.url, await claimLinkOf(one));
    expect(claimed.status).toBe(303);
    expect((await claim(one.url, await claimLinkOf(other))).status).toBe(410);
    const cookie = cookieOf(claimed);
    expect([await open(one.url, cookie), await open(other.url, cookie)]).toEqual([200, 200]);

    expect((await pipePassword(OTHER_PASSWORD, temporaryFolder(), settings)).exitCode).toBe(0);
    expect([await open(one.url, cookie), await open(other.url, cookie)]).toEqual([401, 401]);
    expect((await logIn(one.url, OTHER_PASSWORD)).status).toBe(303);
  },
);
