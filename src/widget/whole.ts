import { start } from "./loader/start.ts";
import { mount } from "./panel/panel.ts";

// Loader and panel in one file, for a page that checks its hash.
start(() => () => Promise.resolve({ mount }));
