import { start } from "./loader/start.ts";
import { ALL } from "./panel/languages/all.ts";
import { mountPanel } from "./panel/panel.ts";

/** The panel's, from the build. */
declare const STYLES: string;

// Loader and panel in one file, for a page that checks its hash. It has all languages, so it never loads one.
start(
  () => () =>
    Promise.resolve({
      mount: (stage) => mountPanel(stage, STYLES, ALL, () => Promise.resolve(ALL)),
    }),
);
