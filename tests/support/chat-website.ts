import { afterEach, beforeEach } from "bun:test";

import { type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { closePages } from "./browser.ts";
import { createTestApp, type TestApp } from "./test-app.ts";
import { startWebsite, type Website } from "./website.ts";

/** What a test of the widget has around it: a website, a model, and a server that the website may chat with. */
export interface ChatWebsite {
  readonly website: Website;
  readonly model: ModelServer;
  readonly app: TestApp;
  /** The server's address. */
  readonly server: string;
  /** Puts a server with these settings in the place of the one that is there. */
  restart(env: NonNullable<Options["env"]>): Promise<void>;
}

type Options = NonNullable<Parameters<typeof createTestApp>[0]>;

/**
 * Starts them anew for each test of the file, or of the `describe`, that calls this, and ends them.
 * @param options of the server, besides the model and the website
 */
export function chatWebsite(options: Options = {}): ChatWebsite {
  let website: Website;
  let model: ModelServer;
  let app: TestApp;
  let server: string;

  function start(env: Options["env"] = {}): void {
    const allowed = { CORS_ORIGIN: website.origin, ...env };
    app = createTestApp({ ...options, modelUrl: model.url, env: allowed });
    server = app.listen();
  }

  beforeEach(() => {
    website = startWebsite();
    model = startModelServer();
    start();
  });
  afterEach(async () => {
    closePages();
    await app.close();
    await model.stop();
    await website.stop();
  });

  return {
    get website() {
      return website;
    },
    get model() {
      return model;
    },
    get app() {
      return app;
    },
    get server() {
      return server;
    },
    async restart(env) {
      await app.close();
      start(env);
    },
  };
}
