import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp } from "../../harness/process.ts";
import type { Replica } from "../../harness/replica.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import { formTokenIn } from "../support/dashboard-requests.ts";
import { hasServers } from "./servers.ts";

/** What the owner changes at one of three replicas behind a balancer, with and without Redis. */

setDefaultTimeout(60_000);

const PASSWORD = "dashboard-password-for-e2e";
const SETTINGS = "/dashboard/settings";
/** The promise of docs/settings.md. */
const IN_FORCE_MS = 2000;

let cluster: Cluster;
let other: ModelServer;
let cookie: string;
let formToken: string;
let visitors = 0;

function replicas(): [Replica, Replica, Replica] {
  const [one, two, three] = cluster.replicas;
  if (!one || !two || !three) throw new Error("There are not three replicas.");
  return [one, two, three];
}

function open(url: string, path: string): Promise<Response> {
  return fetch(url + path, { headers: { cookie }, redirect: "manual" });
}

async function logIn(): Promise<void> {
  const body = new URLSearchParams({ password: PASSWORD });
  const init = { method: "POST", body, redirect: "manual" } as const;
  const response = await fetch(`${cluster.url}/dashboard/login`, init);
  cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  formToken = formTokenIn(await (await open(cluster.url, "/dashboard")).text());
}

/** A page of the settings at an address. */
async function shown(url: string, section: string): Promise<string> {
  return (await open(url, `${SETTINGS}/${section}`)).text();
}

/** Sends a form of the settings to an address. */
async function change(url: string, section: string, fields: Record<string, string>) {
  const body = new URLSearchParams({ formToken, ...fields });
  const headers = { cookie };
  const init = { method: "POST", headers, body, redirect: "manual" } as const;
  const response = await fetch(`${url}${SETTINGS}/${section}`, init);
  expect([section, response.status]).toEqual([section, 303]);
}

/** Asks as a new visitor of a website. */
function ask({ url }: Replica, headers: Record<string, string> = {}): Promise<Response> {
  visitors += 1;
  return fetch(`${url}/v1/chat`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-api-key": "widget-key-for-e2e-tests-0123456789",
      "x-forwarded-for": `203.0.113.${visitors % 250}`,
      ...headers,
    },
    body: JSON.stringify({ sessionId: `visitor-${visitors}`, message: "Hi" }),
  });
}

/** Waits until each of the other replicas does what the change says, and measures how long that takes. */
async function expectInForce(
  others: readonly Replica[],
  isInForce: (replica: Replica) => Promise<boolean>,
): Promise<void> {
  const elapsedMs = startStopwatch(...cluster.replicas.map(({ pid }) => pid));
  await Promise.all(
    others.map(async (replica) => {
      while (!(await isInForce(replica))) {
        expect(elapsedMs()).toBeLessThan(IN_FORCE_MS);
        await Bun.sleep(20);
      }
    }),
  );
}

const answersWith = async (response: Promise<Response>, status: number) =>
  (await response).status === status;

describe.skipIf(!hasServers).each([
  ["connected by Redis", true],
  ["connected by the database alone", false],
])(
  "what the owner changes at one of three replicas, %s, is in force at the others:",
  (_, hasBus) => {
    beforeAll(async () => {
      other = startModelServer(answer("the other model"));
      cluster = await startCluster({
        hasBus,
        balancers: ["nginx"],
        settings: { DASHBOARD_PASSWORD: PASSWORD, OPENAI_BASE_URL: undefined, TRUST_PROXY: "1" },
      });
      await logIn();
    });
    afterAll(async () => {
      await cluster?.stop();
      await other?.stop();
      await cleanUp();
    });

    test("a website, and one that was refused at another replica is allowed by its button", async () => {
      const [one, two, three] = replicas();
      const [shop, blog] = ["https://shop.example", "https://blog.example"];
      await change(one.url, "websites", { action: "allow", website: shop });
      await expectInForce([two, three], (replica) =>
        answersWith(ask(replica, { origin: blog }), 403),
      );
      expect((await ask(two, { origin: shop })).status).toBe(200);
      await expectInForce([one], async ({ url }) => (await shown(url, "websites")).includes(blog));
      await change(cluster.url, "websites", { action: "allow", website: blog });
      await expectInForce(replicas(), (replica) =>
        answersWith(ask(replica, { origin: blog }), 200),
      );
      expect(await (await open(one.url, `${SETTINGS}/websites`)).text()).not.toContain(
        "Refused in",
      );
    });

    test("a widget key that is made, and one that is revoked", async () => {
      const [one, two, three] = replicas();
      await change(two.url, "keys", { action: "make", keyName: "Shop" });
      const page = await shown(two.url, "keys");
      const [, keyId = "", key = ""] = /id="key-(k_[^"]+)">([^<]+)</.exec(page) ?? [];
      const headers = { "x-api-key": key };
      await expectInForce([one, three], (replica) => answersWith(ask(replica, headers), 200));
      await change(three.url, "keys", { action: "revoke", keyId });
      await expectInForce([one, two], (replica) => answersWith(ask(replica, headers), 401));
    });

    test("a limit", async () => {
      const [one, two, three] = replicas();
      await change(three.url, "limits", { action: "save", RATE_LIMIT_MAX_REQUESTS: "777" });
      await expectInForce([one, two], async (replica) =>
        ((await ask(replica)).headers.get("ratelimit-policy") ?? "").includes("q=777;"),
      );
    });

    test("the model and its instructions, and every replica shows its trial and the website that was seen", async () => {
      const [one, two, three] = replicas();
      const fields = { provider: "other", OPENAI_BASE_URL: other.url, OPENAI_MODEL: "small-1" };
      await change(one.url, "model", { action: "save", ...fields });
      await expectInForce([two, three], async (replica) =>
        (await (await ask(replica)).text()).includes("the other model"),
      );
      await change(two.url, "instructions", { action: "save", SYSTEM_PROMPT: "Be kind." });
      await expectInForce([one, three], async (replica) => {
        await (await ask(replica)).text();
        return other.calls.at(-1)?.body.messages[0]?.content === "Be kind.";
      });
      for (const { url } of replicas()) {
        const page = await (await open(url, "/dashboard")).text();
        expect(page).toContain("small-1 answers; first token after");
        expect(page).toMatch(/Seen on https:\/\/(?:shop|blog)\.example/);
      }
    });
  },
);
