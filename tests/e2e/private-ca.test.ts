import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, runChatporch, startChatporch, temporaryFolder } from "../../harness/process.ts";
import { Authority, type CertificateFiles, makeSelfSigned } from "../support/certificates.ts";

const KEYS = {
  WIDGET_API_KEY: "q7Xw2LmZ-widget-key-31415926",
  ADMIN_API_KEY: "P0vR8sKd-admin-key-27182818",
};

const NAMES = "DNS:localhost";

let authority: Authority;
let good: CertificateFiles;
let model: ModelServer;

beforeAll(() => {
  authority = new Authority();
  good = authority.issue({ names: NAMES });
  model = startModelServer(answer("Ready."));
});

afterAll(async () => {
  await model.stop();
  await cleanUp();
});

/** Puts the model's server behind TLS with the given certificate. */
async function behindTls<T>(files: CertificateFiles, use: (url: string) => Promise<T>): Promise<T> {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: { cert: Bun.file(files.certificate), key: Bun.file(files.key) },
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

function doctor(files: CertificateFiles, environment: Record<string, string> = {}, dotEnv = "") {
  return behindTls(files, async (url) => {
    const folder = temporaryFolder();
    await Bun.write(`${folder}/.env`, dotEnv);
    const settings = { ...KEYS, NODE_ENV: "development", OPENAI_BASE_URL: url, ...environment };
    return (await runChatporch(["doctor", "--url", "http://127.0.0.1:9"], settings, folder)).stdout;
  });
}

describe("a model's server with a certificate of a private authority", () => {
  test("is not trusted by the doctor, which says what to set and goes on with its other checks", async () => {
    const report = await doctor(good);
    expect(report).toMatch(
      /✗ model +the model server's certificate comes from an unknown authority/,
    );
    expect(report).toContain("NODE_EXTRA_CA_CERTS=/path/to/ca.pem in the environment");
    expect(report).toMatch(/^✓ TLS/m);
    expect(report).toMatch(/^✗ address/m);
  });

  test("is trusted once NODE_EXTRA_CA_CERTS is in the environment", async () => {
    const report = await doctor(good, { NODE_EXTRA_CA_CERTS: authority.files.certificate });
    expect(report).toMatch(/^✓ model +gpt-6-luna answers/m);
  });

  test("is not trusted when NODE_EXTRA_CA_CERTS is in .env, which is read too late", async () => {
    const report = await doctor(good, {}, `NODE_EXTRA_CA_CERTS=${authority.files.certificate}\n`);
    expect(report).toMatch(/^✗ model/m);
  });

  test("answers visitors of a server that replaces its process at its start", () =>
    behindTls(good, async (url) => {
      const server = await startChatporch({
        ...KEYS,
        NODE_ENV: "development",
        OPENAI_BASE_URL: url,
        NODE_EXTRA_CA_CERTS: authority.files.certificate,
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

test.each<readonly [string, () => CertificateFiles, RegExp]>([
  [
    "misnamed",
    () => authority.issue({ names: "DNS:other.example" }),
    /certificate is not for localhost/,
  ],
  ["expired", () => authority.issue({ names: NAMES, from: -9, to: -1 }), /certificate has expired/],
  [
    "self-signed",
    () => makeSelfSigned("localhost", { names: NAMES }),
    /comes from an unknown authority/,
  ],
])(
  "a model's server whose certificate is %s is reported as such, not as down",
  async (_name, makeFiles, says) => {
    const known = { NODE_EXTRA_CA_CERTS: authority.files.certificate };
    const report = await doctor(makeFiles(), known);
    expect(report).toMatch(says);
    expect(report).not.toContain("could not be reached");
  },
);
