import { start } from "./loader/start.ts";
import { ALL } from "./panel/languages/all.ts";
import { mountPanel } from "./panel/panel.ts";

// Loader and panel in one file, for a page that checks its hash. It has all languages, so it never loads one.
start(
  () => () =>
    Promise.resolve({ mount: (stage) => mountPanel(stage, ALL, () => Promise.resolve(ALL)) }),
);
