import { meetLimit } from "./limits/limits.ts";
import { start } from "./loader/start.ts";
import * as extras from "./panel/extras.ts";
import { ALL } from "./panel/languages/all.ts";
import { mountPanel } from "./panel/panel.ts";
import { showPreview } from "./panel/preview.ts";
import { listSources } from "./panel/source-list.ts";
import { ALL as PEOPLE_ALL } from "./people/languages/all.ts";
import { peopleIn } from "./people/people.ts";

// From the build.
declare const STYLES: string;
declare const PEOPLE_STYLES: string;

/** What is in the files beside the panel. */
const beside = {
  sentences: ALL,
  ...extras,
  listSources,
  showPreview,
  meetLimit,
  createPeople: peopleIn(PEOPLE_ALL, PEOPLE_STYLES),
};

// Loader, panel and what is beside it in one file, for a page that checks its hash.
start(
  () => () =>
    Promise.resolve({
      mount: (stage) => mountPanel(stage, STYLES, ALL, () => Promise.resolve(beside)),
    }),
);
