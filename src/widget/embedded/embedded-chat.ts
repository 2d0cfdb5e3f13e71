import { CONTRACT_VERSION, type Panel, sessionName, type Stage } from "../contract.ts";
import { element } from "../element.ts";
import { directionOf } from "../language.ts";
import { createFailure } from "../loader/failure.ts";
import { createPanelSource } from "../loader/panel-source.ts";
import { type Attributes, readPageSettings } from "../settings.ts";
import { forget } from "../storage.ts";
import { addStyles } from "../style-sheet.ts";
import { isSupported } from "../support-floor.ts";
import { ownerTexts } from "./owner-texts.ts";
import { EMBEDDED_STYLES } from "./styles.ts";

export interface EmbeddedChat {
  send(text: string): void;
  reset(): void;
  focus(): void;
  /** Shows what other attributes say. False when that takes another chat. */
  set(attributes: Attributes): boolean;
  /** Removes everything: elements, listeners, timers and connections. */
  dispose(): void;
}

/** The attributes with which a chat begins. Another value takes another chat. */
const FIXED = ["apiUrl", "apiKey", "mode", "conversation"];
/** How many questions wait for the panel, which takes no more at once either. */
const MAX_WAITING = 10;

/**
 * Fills the element with a chat. The panel is loaded at once, because it is in sight.
 * @param scriptUrl where the module came from, if a script tag says so
 * @param emit called with `message` and `error`, and their details
 */
export function createEmbeddedChat(
  host: HTMLElement,
  attributes: Attributes,
  scriptUrl: string,
  emit: (event: string, detail?: unknown) => void,
): EmbeddedChat {
  const { apiUrl, language, title = "Chat" } = readPageSettings(attributes, scriptUrl);
  const { conversation = "" } = attributes;
  const mode = attributes.mode === "page" ? "page" : "inline";
  const ending = new AbortController();
  const { signal } = ending;
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const root = element("div", {
    className: `root ${mode}`,
    lang: language,
    dir: directionOf(language),
  });
  const loadPanel = createPanelSource(apiUrl, scriptUrl);
  const waiting: string[] = [];
  let panel: Panel | undefined;
  let failure: HTMLElement | undefined;
  let wantsFocus = false;
  let shown = attributes;
  let texts: Attributes = {};

  const stageFor = (data: Attributes): Stage => ({
    version: CONTRACT_VERSION,
    data,
    scriptUrl,
    root,
    launcher: host,
    signal,
    emit,
    onToggle() {},
    onUnread() {},
    mode,
    conversation,
  });

  async function load(): Promise<void> {
    failure?.remove();
    failure = undefined;
    try {
      const [{ mount }, owned] = await Promise.all([loadPanel(language), ownerTexts(apiUrl)]);
      if (signal.aborted) return;
      texts = owned;
      panel = mount(stageFor({ ...texts, ...shown }));
    } catch (error) {
      if (!signal.aborted) fail(error);
      return;
    }
    panel.open(wantsFocus);
    for (const text of waiting.splice(0)) panel.send(text);
  }

  function fail(error: unknown): void {
    console.error("[chatporch]", error);
    failure = createFailure(title, () => void load());
    root.append(failure);
    emit("error", { code: "unreachable" });
  }

  addStyles(shadow, EMBEDDED_STYLES);
  shadow.append(root);
  addEventListener("online", () => failure && void load(), { signal });
  const obstacle = apiUrl
    ? !isSupported() && "needs a newer browser"
    : "api-url is missing or wrong";
  if (obstacle) console.error("[chatporch]", obstacle);
  else void load();

  return {
    send(text) {
      if (panel) panel.send(text);
      else if (!obstacle && waiting.length < MAX_WAITING) waiting.push(text);
      else emit("error", { code: "not_sent" });
    },
    reset() {
      waiting.length = 0;
      if (panel) panel.reset();
      else forget(sessionName(apiUrl, conversation));
    },
    focus() {
      wantsFocus = true;
      panel?.open(true);
    },
    set(next) {
      if (FIXED.some((name) => next[name] !== attributes[name])) return false;
      // An older panel cannot.
      if (panel && !panel.set) return false;
      shown = next;
      panel?.set?.({ ...texts, ...shown });
      return true;
    },
    dispose() {
      ending.abort();
      shadow.replaceChildren();
      shadow.adoptedStyleSheets = [];
    },
  };
}
