import { join } from "node:path";

import { questionText } from "../../harness/question.ts";
import { runCommand, startServer } from "../../harness/server-process.ts";
import type { Bench } from "./scenario.ts";
import { post, type Target } from "./targets.ts";

/** A comparable gateway: it offers OpenAI's API in front of any model server, and runs on Node. */
const PACKAGE = "@portkey-ai/gateway";

const MANIFEST = {
  private: true,
  dependencies: { [PACKAGE]: "1.15.2" },
  // With the newer version that npm would install, every stream is a 500 (Portkey-AI/gateway issue 1389).
  overrides: { "@hono/node-server": "1.14.1" },
};

/** Install scripts are skipped: they only patch a development checkout, and foreign code should not run yet. */
const INSTALL = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"];

const LINE_LENGTH = 300;

/** Installs the peer and starts it once. When that fails, prints the reason and returns undefined. */
export async function preparePeer(bench: Bench): Promise<Target | undefined> {
  try {
    const folder = bench.folder();
    await Bun.write(join(folder, "package.json"), JSON.stringify(MANIFEST));
    await runCommand("npm install", INSTALL, folder);
    const peer = portkey(join(folder, "node_modules", PACKAGE, "build/start-server.js"));
    await bench.withServer(peer, async () => {});
    return peer;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    bench.say(`The peer is left out: ${why.replaceAll(/\s+/g, " ").slice(0, LINE_LENGTH)}`);
    return undefined;
  }
}

function portkey(script: string): Target {
  /** The model's address by the gateway's address. Each request names it to the gateway. */
  const modelUrls = new Map<string, string>();
  const ask = (url: string, prompt: string, isStreamed: boolean) =>
    post(
      `${url}/v1/chat/completions`,
      { model: "bench", stream: isStreamed, messages: [{ role: "user", content: prompt }] },
      {
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": `${modelUrls.get(url)}/v1`,
        authorization: "Bearer bench",
      },
    );
  return {
    name: "portkey",
    format: "openai",
    async start({ modelUrl, ...options }) {
      const server = await startServer({
        name: "portkey",
        command: (port) => ["node", script, "--headless", `--port=${port}`],
        env: () => ({ NODE_ENV: "production" }),
        readyPath: "/",
        ...options,
      });
      modelUrls.set(server.url, modelUrl);
      return server;
    },
    stream: (url, question) => ask(url, questionText(question), true),
    json: (url, question) => ask(url, questionText(question), false),
  };
}
