import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { makeAuthority, type PrivateAuthority } from "../support/certificates.ts";
import { answer, type ModelServer, startModelServer } from "../support/model-server.ts";
import { cleanUp, runChatporch, startChatporch, temporaryFolder } from "../support/process.ts";

const KEYS = {
  WIDGET_API_KEY: "q7Xw2LmZ-widget-key-31415926",
  ADMIN_API_KEY: "P0vR8sKd-admin-key-27182818",
};

let authority: PrivateAuthority;
let model: ModelServer;

beforeAll(async () => {
  authority = await makeAuthority(temporaryFolder());
  model = startModelServer(answer("Ready."));
});

afterAll(async () => {
  await model.stop();
  await cleanUp();
});

/** The model's server, behind TLS with the given certificate. */
async function behindTls<T>(cert: string, use: (url: string) => Promise<T>): Promise<T> {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: { cert: Bun.file(cert), key: Bun.file(authority.key) },
    fetch: (request) =>
      fetch(new URL(new URL(request.url).pathname, model.url), {
        method: request.method,
        headers: { "content-type": "application/json" },
        ...(request.method === "POST" ? { body: request.body } : {}),
      }),
  });
  try {
    return await use(`https://localhost:${server.port}/v1`);
  } finally {
    await server.stop(true);
  }
}

function doctor(cert: string, environment: Record<string, string> = {}, dotEnv = "") {
  return behindTls(cert, async (url) => {
    const folder = temporaryFolder();
    await Bun.write(`${folder}/.env`, dotEnv);
    const settings = { ...KEYS, NODE_ENV: "development", OPENAI_BASE_URL: url, ...environment };
    return (await runChatporch(["doctor", "--url", "http://127.0.0.1:9"], settings, folder)).stdout;
  });
}

describe("a model's server with a certificate of a private authority", () => {
  test("is not trusted: the doctor says what to set, and goes on with its other checks", async () => {
    const report = await doctor(authority.good);
    expect(report).toMatch(
      /✗ model +the model server's certificate comes from an authority that is not known here/,
    );
    expect(report).toContain("NODE_EXTRA_CA_CERTS=/path/to/ca.pem in the environment");
    expect(report).toMatch(/^✓ TLS/m);
    expect(report).toMatch(/^✗ address/m);
  });

  test("is asked once NODE_EXTRA_CA_CERTS is in the environment", async () => {
    const report = await doctor(authority.good, { NODE_EXTRA_CA_CERTS: authority.ca });
    expect(report).toMatch(/^✓ model +gpt-6-luna answers/m);
  });

  test("is not trusted by a line in .env, which comes too late", async () => {
    const report = await doctor(authority.good, {}, `NODE_EXTRA_CA_CERTS=${authority.ca}\n`);
    expect(report).toMatch(/^✗ model/m);
  });

  test("answers visitors, although the server replaces itself at its start", () =>
    behindTls(authority.good, async (url) => {
      const server = await startChatporch({
        ...KEYS,
        NODE_ENV: "development",
        OPENAI_BASE_URL: url,
        NODE_EXTRA_CA_CERTS: authority.ca,
      });
      const response = await fetch(`${server.url}/v1/chat`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": KEYS.WIDGET_API_KEY },
        body: JSON.stringify({ sessionId: "visitor", message: "Hi" }),
      });
      expect(await response.json()).toMatchObject({ message: "Ready." });
      expect(await server.stop()).toBe(0);
    }));
});

test.each([
  ["misnamed", /certificate is not for localhost/],
  ["expired", /certificate has ended/],
  ["selfSigned", /authority that is not known here/],
] as const)(
  "a model's server whose certificate is %s says so, not that it is down",
  async (name, says) => {
    const report = await doctor(authority[name], { NODE_EXTRA_CA_CERTS: authority.ca });
    expect(report).toMatch(says);
    expect(report).not.toContain("could not be reached");
  },
);
