import { start } from "./loader/start.ts";
import * as extras from "./panel/extras.ts";
import { ALL } from "./panel/languages/all.ts";
import { mountPanel } from "./panel/panel.ts";

/** The panel's, from the build. */
declare const STYLES: string;

// Loader, panel and what is beside it in one file, for a page that checks its hash.
start(
  () => () =>
    Promise.resolve({
      mount: (stage) =>
        mountPanel(stage, STYLES, ALL, () => Promise.resolve({ sentences: ALL, ...extras })),
    }),
);
