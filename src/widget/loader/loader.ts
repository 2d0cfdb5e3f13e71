import {
  CONTRACT_VERSION,
  OPEN_NAME,
  type Panel,
  type PanelModule,
  SESSION_NAME,
  type Stage,
} from "../contract.ts";
import { element, setAria } from "../element.ts";
import { isOn, readPageSettings } from "../settings.ts";
import { isPanelEntry, smallScreen } from "../small-screen.ts";
import { forget, recall, remember } from "../storage.ts";
import { createFailure } from "./failure.ts";
import { attach, createHost, followScreen } from "./host.ts";
import { sideOf, zIndexOf } from "./launcher-settings.ts";
import { createLauncher } from "./launcher.ts";
import type { LoadPanel } from "./panel-source.ts";
import { LOADER_STYLES } from "./styles.ts";

/** `window.Chatporch`, for the page. */
export interface WidgetApi {
  open(): void;
  close(): void;
  toggle(): void;
  /**
   * Opens the panel and asks, after the answers under way. An `error` event with the code `not_sent` means
   * that the text was refused: it is empty or too long, too many wait, or the widget has no server or key.
   */
  send(text: string): void;
  /** Begins a new conversation. */
  reset(): void;
  /**
   * Shows what other attributes say, by their names in `dataset`: `{theme: "dark"}`. Undefined takes one away. The server
   * and the key stay.
   */
  set(attributes: Stage["data"]): void;
  /** Takes the widget out of sight, closed, until `show` or `open` is called. */
  hide(): void;
  show(): void;
  /**
   * Listens to `open`, `close`, `message` (`{role, text}`: a question, or an answer that has ended) or
   * `error` (`{code}`). Returns a function that removes the listener.
   */
  on(event: string, listener: (detail: unknown) => void): () => void;
}

export interface Loader {
  readonly host: HTMLElement;
  readonly api: WidgetApi;
  /** Puts the widget back where the page has replaced its whole document. */
  attach(): void;
  /** Shows what the attributes say, in the place of those before. */
  become(attributes: Stage["data"]): void;
  /** Removes everything: elements, listeners, timers and connections. */
  dispose(): void;
}

/** How many questions of the page wait for the panel, which takes no more at once either. */
const MAX_WAITING = 10;

type Script = Pick<Stage, "data" | "scriptUrl">;

/** @param apiUrl the server's address; empty when it is not known */
export type PanelSource = (apiUrl: string, scriptUrl: string) => LoadPanel;

/**
 * What every page has from the start: the launcher and the interface for the page. The panel is loaded when the
 * visitor reaches for the launcher, and mounted when it is to be open or a question is to be asked.
 * @param createSource returns what loads the panel
 */
export function createLoader({ data, scriptUrl }: Script, createSource: PanelSource): Loader {
  const read = () => readPageSettings(data, scriptUrl);
  const { apiUrl, apiKey, fatal } = read();
  const load = createSource(apiUrl, scriptUrl);
  const events = new EventTarget();
  const ending = new AbortController();
  const { signal } = ending;
  const root = element("div", { className: "root" });
  const launcher = createLauncher(toggle, () => preload().catch(String));
  const waiting: string[] = [];
  /** What the launcher is called: the title of the chat, and what the panel says instead once it is there. */
  let name = "";
  let isOpen = false;
  let isLoading = false;
  let failure: HTMLElement | undefined;
  let panel: Panel | undefined;
  let coming: Promise<PanelModule> | undefined;
  /** Whether the panel is to be open once it is there. */
  let isWanted = false;
  /** Whether the visitor or the page has asked for that here; not so when it was open on an earlier page. */
  let isAsked = false;

  const stage: Stage = {
    version: CONTRACT_VERSION,
    scriptUrl,
    get data() {
      return data;
    },
    root,
    launcher,
    signal,
    emit,
    onToggle,
    onUnread,
    onName,
  };

  function onToggle(isNowOpen: boolean): void {
    isOpen = isNowOpen;
    render();
    remember("sessionStorage", OPEN_NAME, isOpen);
    emit(isOpen ? "open" : "close");
  }

  function onUnread(count: number): void {
    launcher.dataset.unread = `${count || ""}`;
  }

  function emit(type: string, detail?: unknown): void {
    events.dispatchEvent(new CustomEvent(type, { detail }));
  }

  function onName(newName: string): void {
    name = newName;
    setAria(launcher, "ariaLabel", name);
  }

  function render(): void {
    launcher.classList.toggle("closes", isOpen || !!failure);
    setAria(launcher, "ariaExpanded", isOpen);
    setAria(launcher, "ariaBusy", isLoading);
  }

  function setFailure(shown?: HTMLElement): void {
    failure?.remove();
    failure = shown;
    if (shown) root.append(shown);
    render();
  }

  function tryAgain(): void {
    // The button with the focus goes away.
    launcher.focus();
    open();
  }

  function preload(): Promise<PanelModule> {
    coming ??= load(root.lang).catch((error) => {
      coming = undefined;
      throw error;
    });
    return coming;
  }

  async function mountPanel(): Promise<void> {
    if (isLoading) return;
    isLoading = true;
    setFailure();
    const focused = document.activeElement;
    try {
      const { mount } = await preload();
      if (signal.aborted) return;
      panel = mount(stage);
    } catch (error) {
      if (signal.aborted) return;
      isLoading = false;
      // A visitor who did not ask for the panel is not disturbed.
      setFailure(isAsked ? createFailure(name, tryAgain) : undefined);
      console.error("[chatporch]", error);
      emit("error", { code: "unreachable" });
      return;
    }
    isLoading = false;
    render();
    // A visitor who has gone on to something else keeps the focus there.
    if (isWanted) panel.open(isAsked && focused === document.activeElement);
    for (const text of waiting.splice(0)) panel.send(text);
  }

  function open(): void {
    isWanted = isAsked = true;
    show();
    if (panel) panel.open(true);
    else void mountPanel();
  }

  function close(): void {
    isWanted = isAsked = false;
    setFailure();
    panel?.close();
  }

  function show(): void {
    root.style.display = "";
  }

  function hide(): void {
    close();
    root.style.display = "none";
  }

  /** It would cover a small screen. There it is open only where it was so when the page was left or reloaded. */
  function opensByItself(): boolean {
    return smallScreen().matches
      ? isPanelEntry()
      : !!(recall("sessionStorage", OPEN_NAME) ?? isOn(data.open));
  }

  async function greet(): Promise<void> {
    if (!panel && !signal.aborted) await mountPanel();
    panel?.greet?.();
  }

  function toggle(): void {
    if (isOpen || failure) close();
    else open();
  }

  function send(text: string): void {
    open();
    // A page may give anything else: the event of a press, where this is its listener.
    if (typeof text !== "string" || waiting.length === MAX_WAITING)
      emit("error", { code: "not_sent" });
    else if (panel) panel.send(text);
    else waiting.push(text);
  }

  function reset(): void {
    waiting.length = 0;
    // Without the panel nothing is under way. A page that logs a visitor out need not wait for it.
    if (panel) panel.reset();
    else forget(SESSION_NAME + apiUrl);
  }

  function become(attributes: Stage["data"]): void {
    data = attributes;
    const { title = "Chat", language, accentColor } = read();
    const isRightToLeft = getComputedStyle(document.body).direction === "rtl";
    const { offset, launcherLabel = "" } = data;
    root.lang = language;
    root.classList.toggle("left", sideOf(data, isRightToLeft) === "left");
    root.classList.toggle("bare", isOn(data.hideLauncher));
    // `24 96`
    const [x = "", y = ""] = `${offset}`.match(/\d+/g) ?? [];
    root.style.setProperty("--x", x);
    root.style.setProperty("--y", y);
    // Not for a word such as `inherit`, which is no colour.
    const isColour = CSS.supports("background", `linear-gradient(${accentColor},red)`);
    root.style.setProperty("--accent", isColour ? `${accentColor}` : "");
    launcher.dataset.label = launcherLabel;
    onName(launcherLabel || title);
    panel?.set?.(data);
  }

  function on(event: string, listener: (detail: unknown) => void): () => void {
    const listen = (each: Event) => listener((each as CustomEvent).detail);
    events.addEventListener(event, listen);
    return () => events.removeEventListener(event, listen);
  }

  root.append(launcher);
  render();
  const host = createHost(root, LOADER_STYLES, zIndexOf(data));
  attach(host, root);
  followScreen(root, signal);
  if (fatal) console.error(`[chatporch] ${fatal} is missing or wrong`);
  addEventListener("online", () => isWanted && !panel && mountPanel(), { signal });
  become(data);
  isWanted = opensByItself();
  if (isWanted) void mountPanel();
  if (Number(data.greetAfter) > 0) setTimeout(greet, Number(data.greetAfter) * 1000);

  return {
    host,
    api: {
      open,
      close,
      toggle,
      send,
      reset,
      hide,
      show,
      on,
      set: (more) => become({ ...data, ...more, apiUrl, apiKey }),
    },
    become,
    attach: () => attach(host, root),
    dispose() {
      ending.abort();
      host.remove();
    },
  };
}
