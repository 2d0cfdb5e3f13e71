import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { cleanUp } from "../../harness/process.ts";
import { killAll, startServer } from "../../harness/server-process.ts";
import type { Bench, ServerWork } from "./scenario.ts";
import { FETCH_LIMIT, type Target } from "./targets.ts";

const DEATH_NOTICE_MS = 200;

interface WorkshopOptions {
  /** The name of the program, for its temporary folder. */
  readonly name: string;
  /** The port of the measured servers. Undefined: a free port for each. */
  readonly port?: number | undefined;
  readonly say: (line: string) => void;
}

/** The folders and processes of one run. `close` removes all of them. */
export class Workshop implements Bench {
  readonly #root: string;
  readonly #port: number | undefined;
  readonly say: (line: string) => void;

  constructor({ name, port, say }: WorkshopOptions) {
    this.#root = mkdtempSync(join(tmpdir(), `chatporch-${name}-`));
    this.#port = port;
    this.say = say;
  }

  folder(): string {
    return mkdtempSync(join(this.#root, "run-"));
  }

  async withServer<T>(target: Target, work: ServerWork<T>): Promise<T> {
    const folder = this.folder();
    const model = await startServer({
      name: "model",
      command: () => [
        process.execPath,
        join(import.meta.dir, "../../harness/paced-model-server.ts"),
      ],
      env: (port) => ({ ...FETCH_LIMIT, PORT: `${port}` }),
      folder,
      readyPath: "/",
    });
    try {
      const server = await target.start({ modelUrl: model.url, folder, port: this.#port });
      const died = Promise.race([server.died, model.died]);
      try {
        return await Promise.race([work(server, model), died]);
      } catch (error) {
        // When a process dies, its broken connection is noticed first, but its death says more.
        await Promise.race([died, Bun.sleep(DEATH_NOTICE_MS)]);
        throw error;
      } finally {
        await server.stop();
      }
    } finally {
      await model.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    await killAll();
    // Folders of servers that are not measured, such as Redis.
    await cleanUp();
    rmSync(this.#root, { recursive: true, force: true });
  }
}
