import bar from "./bar.css" with { type: "text" };
import base from "./base.css" with { type: "text" };
import controls from "./controls.css" with { type: "text" };
import conversations from "./conversations.css" with { type: "text" };
import details from "./details.css" with { type: "text" };
import fresh from "./fresh.css" with { type: "text" };
import gettingStarted from "./getting-started.css" with { type: "text" };
import knowledge from "./knowledge.css" with { type: "text" };
import overview from "./overview.css" with { type: "text" };
import settings from "./settings.css" with { type: "text" };
import setup from "./setup.css" with { type: "text" };
import table from "./table.css" with { type: "text" };
import tabs from "./tabs.css" with { type: "text" };
import text from "./text.css" with { type: "text" };
import thread from "./thread.css" with { type: "text" };
import widgetPreview from "./widget-preview.css" with { type: "text" };
import written from "./written.css" with { type: "text" };

/** The parts of the style sheet. The browser gets one file, and of two equal rules the later one counts. */
export const STYLES = [
  base,
  bar,
  controls,
  text,
  overview,
  table,
  details,
  conversations,
  thread,
  written,
  setup,
  tabs,
  gettingStarted,
  settings,
  widgetPreview,
  fresh,
  knowledge,
].join("\n");
