import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";

import { KEYS } from "../../harness/chat-requests.ts";
import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import {
  cleanUp,
  runChatporch,
  type RunningServer,
  type Settings,
  startChatporch,
} from "../../harness/process.ts";
import {
  Authority,
  type CertificateFiles,
  type CertificateOptions,
  hasOpenssl,
  makeSelfSigned,
} from "../support/certificates.ts";
import { hasNginx, startNginx } from "../support/nginx.ts";
import type { RunningProxy } from "../support/proxies.ts";

/**
 * What the doctor says about certificates: nginx serves real ones of a private authority. Each doctor runs in
 * its own process, which reads the trusted authorities at its start; all of them run at the same time.
 */

setDefaultTimeout(60_000);

let model: ModelServer;
let server: RunningServer;
let settings: Settings;
let authority: Authority;
const proxies: RunningProxy[] = [];

describe.skipIf(!hasNginx || !hasOpenssl).concurrent("the doctor over https", () => {
  beforeAll(async () => {
    model = startModelServer(answer("Ready."));
    settings = {
      ...KEYS,
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      TRUST_PROXY: "1",
      CORS_ORIGIN: "https://www.example.com",
      OPENAI_BASE_URL: model.url,
    };
    server = await startChatporch(settings);
    authority = new Authority();
  });

  afterAll(async () => {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    await cleanUp();
    await model.stop();
  });

  async function examine(files: CertificateFiles, more: Settings = {}, host?: string) {
    const nginx = await startNginx({
      scheme: "https",
      server: `ssl_certificate ${files.certificate}; ssl_certificate_key ${files.key};`,
      location: `proxy_pass ${server.url}; proxy_http_version 1.1; proxy_set_header Connection "";
        proxy_set_header Host $http_host; proxy_buffering off;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;`,
    });
    proxies.push(nginx);
    const url = host === undefined ? nginx.url : nginx.url.replace("127.0.0.1", host);
    return runChatporch(
      ["doctor", "--url", url, "--idle", "0"],
      { ...settings, ...more },
      server.folder,
    );
  }

  test("names a private authority, says how to make it known, and runs all other checks", async () => {
    const unknown = await examine(authority.issue());
    expect(unknown.stdout).toMatch(
      /^✗ TLS +the certificate is signed by "Own Authority", which is not known here\n +→ .*NODE_EXTRA_CA_CERTS=/m,
    );
    expect(unknown.stdout).not.toMatch(/renew|is the server running/i);
    expect(unknown.stdout).toMatch(/^✓ HSTS /m);
    expect(unknown.stdout).toMatch(/^✓ CORS /m);
    expect(unknown.stdout).toMatch(/^✓ proxy /m);
    expect(unknown.stdout).toMatch(/^✓ streaming /m);
    expect(unknown.stdout).toEndWith("\n1 wrong, 0 to look at.\n");
    expect(unknown.exitCode).toBe(1);
  });

  test("finds nothing wrong once its advice for a private authority is followed", async () => {
    const { certificate } = authority.files;
    const known = await examine(authority.issue(), { NODE_EXTRA_CA_CERTS: certificate });
    expect(known.stdout).toMatch(/^✓ TLS +valid until \d{4}-\d\d-\d\d$/m);
    expect(known.stdout).toMatch(/^✓ HSTS +max-age=31536000; includeSubDomains$/m);
    expect(known.stdout).toEndWith("\nAll is well.\n");
    expect(known.exitCode).toBe(0);
  });

  test.each<readonly [string, CertificateOptions, RegExp]>([
    ["has ended", { from: -60, to: -1 }, /^✗ TLS +the certificate ended on .*\n +→ Renew it/m],
    [
      "begins later",
      { from: 5, to: 60 },
      /^✗ TLS +the certificate is valid only from .*\n +→ .*clock/m,
    ],
    [
      "is for another name",
      { names: "DNS:other.example" },
      /^✗ TLS +the certificate is for another name than 127\.0\.0\.1$/m,
    ],
    ["ends soon", { to: 6 }, /^! TLS +the certificate ends in \d days/m],
  ])(
    "gives a reason of its own for a certificate of a known authority that %s",
    async (_, options, says) => {
      const known = { NODE_EXTRA_CA_CERTS: authority.files.certificate };
      const { stdout } = await examine(authority.issue(options), known);
      expect(stdout).toMatch(says);
      expect(stdout.match(/ TLS /g)).toHaveLength(1);
      expect(stdout).toMatch(/^✓ streaming /m);
    },
  );

  test("says that a self-signed certificate is self-signed", async () => {
    const { stdout } = await examine(makeSelfSigned("127.0.0.1"));
    expect(stdout).toMatch(/^✗ TLS +the certificate is self-signed/m);
  });

  describe("with an intermediate authority", () => {
    function issueChain() {
      const between = authority.issue({ isAuthority: true });
      const issuerAddress = "http://authority.example/between.crt";
      return { between, files: authority.issue({ issuerAddress }, between) };
    }

    test("says that a certificate chain is incomplete", async () => {
      const { files } = issueChain();
      const known = { NODE_EXTRA_CA_CERTS: authority.files.certificate };
      const { stdout } = await examine(files, known);
      expect(stdout).toMatch(
        /^✗ TLS +the chain is incomplete: .*"Authority in Between".*\n +→ .*fullchain\.pem/m,
      );
    });

    test("accepts a complete certificate chain", async () => {
      const { between, files } = issueChain();
      const chain = [files.certificate, between.certificate].map((path) => readFileSync(path));
      writeFileSync(files.certificate, Buffer.concat(chain));
      const known = { NODE_EXTRA_CA_CERTS: authority.files.certificate };
      expect((await examine(files, known)).stdout).toEndWith("\nAll is well.\n");
    });
  });

  test("says that a port of an https address does not speak TLS", async () => {
    const url = server.url.replace("http:", "https:");
    const { stdout, exitCode } = await runChatporch(
      ["doctor", "--url", url, "--idle", "0"],
      settings,
      server.folder,
    );
    expect(stdout).toMatch(/^✗ TLS .*this port does not use TLS/m);
    expect(stdout).toMatch(/^✗ address .*this port does not use TLS/m);
    expect(exitCode).toBe(1);
  });

  test("warns of an https address that is served in development", async () => {
    const development = await startChatporch({ ...settings, NODE_ENV: "development" });
    const files = authority.issue();
    const nginx = await startNginx({
      scheme: "https",
      server: `ssl_certificate ${files.certificate}; ssl_certificate_key ${files.key};`,
      location: `proxy_pass ${development.url}; proxy_http_version 1.1; proxy_set_header Connection "";
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header Host $http_host;`,
    });
    proxies.push(nginx);
    const env = {
      ...settings,
      NODE_ENV: "development",
      NODE_EXTRA_CA_CERTS: authority.files.certificate,
    };
    const args = ["doctor", "--url", nginx.url, "--idle", "0"];
    const alike = await runChatporch(args, env, development.folder);
    expect(alike.stdout).toMatch(
      /^! settings +An https address is served with NODE_ENV=development/m,
    );
    const other = await runChatporch(args, { ...env, NODE_ENV: "production" }, development.folder);
    expect(other.stdout).toMatch(
      /^! server +the running server is in development, but these settings are for production/m,
    );
  });
});
