import { followAnswerTrial } from "./client-answer-trial.ts";
import { followPoints } from "./client-chart.ts";
import { followKeptForms, hasUnsentText } from "./client-kept-form.ts";
import { followKeys } from "./client-keys.ts";
import { type LearningEvent, showLearning } from "./client-knowledge.ts";
import { keepStill, showOpenRow } from "./client-list.ts";
import { showCurrentPage } from "./client-navigation.ts";
import { followPlayground } from "./client-playground.ts";
import { followOptions, followWidgetForm } from "./client-setup.ts";
import { followSwaps } from "./client-swap.ts";
import { showLocalTimes } from "./client-times.ts";

/**
 * The dashboard's script in the browser. It copies snippets, fills in a claim link's token, shows answers of the
 * playground as they are written, shows times in the reader's time zone, and fetches a page again when the server says that something on it has changed.
 * Without it, every page still works and shows the state at its loading.
 */

/**
 * The first change shows at once. Frequent changes make at most 12 requests a minute, because all pages and
 * clicks of an owner share the admin rate limit of 60.
 */
const REFRESH_DELAY_MS = 150;
const REFRESH_INTERVAL_MS = 5000;
/** So many changes of a thread are shown at once before that counts: a question and its answer come together. */
const THREAD_BURST = 4;
/** Charts need not be updated as quickly. */
const FIGURES_INTERVAL_MS = 10_000;
/** The wait after an answer that was not the page, such as 429. */
const RETRY_DELAY_MS = 15_000;
/** While the reader has text selected, the page is not replaced and waits this long. */
const SELECTION_DELAY_MS = 2000;
/** Whoever goes through threads with j and k leaves most of them sooner, and a stream counts as a request. */
const PASSING_MS = 1000;
/** The wait after the server refused the event stream. The browser reopens a lost connection itself. */
const RECONNECT_DELAY_MS = 30_000;

/** Relative to this script's folder, because the dashboard can be under any path. */
const EVENTS_URL = eventsUrl();

interface Activity {
  readonly conversationId: string;
  readonly kind: string;
}

/** What has come of an answer that is being written. client-thread.ts shows it. */
interface AnswerEvents {
  readonly turnId: string;
}
const ANSWER_EVENT = "chatporch:answer";
/** The region is another one now. */
const REPLACED_EVENT = "chatporch:replaced";
/** The region is to be fetched again, although nothing was stored. */
const STALE_EVENT = "chatporch:stale";

/** How often a page looks by itself for what the server does not announce, such as the first visit of a website. */
const WAITING_INTERVAL_MS = 5000;

/** What is shown as so long ago is counted on. */
const MINUTE_MS = 60_000;

/** They copy the text of the element that they name, or the address of a page. */
const COPY_BUTTONS = "[data-copy], [data-copy-link]";

showCopyButtons(document);
showLocalTimes(document);
setInterval(() => showLocalTimes(document), MINUTE_MS);
followKeys();
showCurrentPage();
showOpenRow();
document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element && target.closest<HTMLButtonElement>(COPY_BUTTONS);
  if (button) void copy(button);
});

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-busy]")) {
  form.addEventListener("submit", ({ submitter }) => showBusy(form, submitter));
}
// A page that the browser has kept as it was left would still be busy.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && !hasUnsentText()) location.reload();
});

const playground = document.querySelector<HTMLFormElement>("form[data-playground]");
if (playground) {
  followPlayground(playground);
  followAnswerTrial(playground);
}

const options = document.querySelector<HTMLFormElement>("form[data-options]");
if (options) followOptions(options);

const widgetForm = document.querySelector<HTMLFormElement>("#widget-form");
if (widgetForm) followWidgetForm(widgetForm);

const claim = document.querySelector<HTMLElement>("[data-claim]");
if (claim) fillIn(claim);

const live = document.querySelector<HTMLElement>("[data-live]");
if (live) {
  follow(live);
  followSwaps(() => refresh(live));
}
followPoints();
// After what follows a form. Throws in browsers that store nothing.
followKeptForms();

function eventsUrl(): string {
  const { currentScript } = document;
  const base = currentScript instanceof HTMLScriptElement ? currentScript.src : location.href;
  return new URL("../events", base).href;
}

/** Takes the claim's token from the link, where it never reaches a server, and out of the browser's history. */
function fillIn(field: HTMLElement): void {
  const input = field.querySelector("input");
  const token = location.hash.slice(1);
  if (!input || token === "") return;
  input.value = token;
  field.hidden = true;
  history.replaceState(null, "", location.pathname);
}

/** They work with this script only, so they are hidden without it. */
function showCopyButtons(within: ParentNode): void {
  for (const button of within.querySelectorAll<HTMLButtonElement>(COPY_BUTTONS)) {
    button.hidden = false;
  }
}

/** The answer of the form takes a while. */
function showBusy(form: HTMLFormElement, submitter: HTMLElement | null): void {
  const words = form.dataset.busy ?? "";
  if (submitter) submitter.textContent = words;
  announce(words);
  // A disabled button would not be sent.
  setTimeout(() => {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  });
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const { copy: id = "", copyLink } = button.dataset;
  const source = document.getElementById(id);
  const label = (button.dataset.label ??= button.textContent ?? "");
  try {
    const text = copyLink === undefined ? source?.textContent : new URL(copyLink, location.href);
    await navigator.clipboard.writeText(String(text ?? ""));
    button.textContent = "Copied";
    announce("Copied");
  } catch {
    // Without permission or TLS, the script cannot copy. It selects the text instead.
    if (source) getSelection()?.selectAllChildren(source);
    button.textContent = source ? "Selected: press Ctrl+C" : "Copy it from the address bar";
  }
  setTimeout(() => {
    button.textContent = label;
  }, 2500);
}

function follow(region: HTMLElement): void {
  const topic = region.dataset.live ?? "";
  const isSlow = topic === "figures" && !region.querySelector("[data-waiting]");
  const intervalMs = isSlow ? FIGURES_INTERVAL_MS : REFRESH_INTERVAL_MS;
  const isOneThread = topic.startsWith("c_");
  const isKnowledge = topic === "knowledge";
  const list = topic.endsWith("conversations") ? keepStill(region, note) : undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Something changed while the page was being fetched. */
  let isStale = false;
  /** Of the newest refreshes, in milliseconds of the monotonic clock. */
  let refreshedAt: readonly number[] = [];
  const burst = isOneThread ? THREAD_BURST : 1;

  function schedule(delayMs = REFRESH_DELAY_MS): void {
    const oldest = refreshedAt.at(-burst) ?? Number.NEGATIVE_INFINITY;
    const earliest = oldest + burst * intervalMs - performance.now();
    timer ??= setTimeout(() => void run(), Math.max(delayMs, earliest));
  }

  async function run(): Promise<void> {
    isStale = false;
    if (list?.isHeld()) {
      timer = undefined;
      return announce(list.showNews());
    }
    const isSelected = hasSelectionIn(region);
    refreshedAt = [...refreshedAt, performance.now()].slice(-burst);
    const isDone = isSelected || (await refresh(region));
    timer = undefined;
    if (isSelected) schedule(SELECTION_DELAY_MS);
    else if (!isDone) schedule(RETRY_DELAY_MS);
    else if (isStale) schedule();
  }

  function note(): void {
    if (timer !== undefined) isStale = true;
    schedule();
  }

  function connect(isAgain: boolean): void {
    const hasOwnEvents = isKnowledge || isOneThread;
    const events = new EventSource(hasOwnEvents ? `${EVENTS_URL}?of=${topic}` : EVENTS_URL);
    let wasOpen = isAgain;
    // Events from before the stream opened, or while it was disconnected, are not sent again.
    events.addEventListener("published", ({ data }: MessageEvent<string>) => {
      if (wasOpen || data !== region.dataset.published) note();
      wasOpen = true;
    });
    events.addEventListener("message", ({ data }: MessageEvent<string>) => {
      if (isKnowledge) {
        const event: LearningEvent = JSON.parse(data);
        if (!showLearning(region, event)) note();
        if (event.progress === undefined) announce("A reading has ended");
        return;
      }
      const event: Activity | AnswerEvents = JSON.parse(data);
      if ("turnId" in event) region.dispatchEvent(new CustomEvent(ANSWER_EVENT, { detail: event }));
      else {
        // A rating is no message, and the button that counts them names messages.
        if (event.kind !== "rating") list?.add(event.conversationId);
        note();
      }
    });
    events.addEventListener("error", () => {
      if (events.readyState !== EventSource.CLOSED) return;
      setTimeout(() => connect(true), RECONNECT_DELAY_MS);
    });
  }

  region.addEventListener(STALE_EVENT, note);
  // What happens until then is seen by comparing what was published, so nothing is missed.
  const isPassedBy = isOneThread && !region.querySelector("[data-growing]");
  setTimeout(() => connect(false), isPassedBy ? PASSING_MS : 0);
  setInterval(() => {
    if (!document.hidden && region.querySelector("[data-waiting]")) note();
  }, WAITING_INTERVAL_MS);
}

/** Replaces the region with its current version from the server. False when that could not be fetched. */
async function refresh(region: HTMLElement): Promise<boolean> {
  const address = location.href;
  const { status, page } = await fetchPage();
  // Something else of the page was chosen meanwhile, and is fetched by whoever chose it.
  if (location.href !== address) return true;
  if (status === 401) {
    // The session has ended. After a reload, the server shows the login page.
    location.reload();
    return true;
  }
  if (status === 404) {
    const gone = document.createElement("p");
    gone.className = "notice gone";
    gone.textContent = region.dataset.live?.startsWith("c_")
      ? "This conversation has been deleted."
      : "This is not there any more.";
    region.replaceChildren(gone);
    region.dispatchEvent(new CustomEvent(REPLACED_EVENT));
    announce(gone.textContent);
    return true;
  }
  const next = page?.querySelector<HTMLElement>("[data-live]");
  if (status !== 200 || !next) return false;
  replace(region, next);
  return true;
}

/** Uses XMLHttpRequest because it parses HTML itself, which Trusted Types allow. */
function fetchPage(): Promise<{ status: number; page: Document | null }> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("GET", location.href);
    request.responseType = "document";
    request.setRequestHeader("x-dashboard-refresh", "1");
    request.addEventListener("loadend", () =>
      resolve({ status: request.status, page: request.response as Document | null }),
    );
    request.send();
  });
}

/** Replaces the region's content. Focus, open details and the scroll position are kept. */
function replace(region: HTMLElement, next: HTMLElement): void {
  const known = keysOf(region);
  const focused = region.contains(document.activeElement) ? document.activeElement?.id : undefined;
  const open = [...region.querySelectorAll("details[open]")].map(({ id }) => id);

  for (const id of open) next.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  const fresh = [...next.querySelectorAll<HTMLElement>("[data-key]")].filter(
    (element) => !known.has(element.dataset.key ?? ""),
  );
  for (const element of fresh) element.classList.add("fresh");
  region.replaceChildren(...next.childNodes);
  showCopyButtons(region);
  showLocalTimes(region);
  region.dispatchEvent(new CustomEvent(REPLACED_EVENT));

  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  const isThread = region.dataset.live?.startsWith("c_");
  if (fresh.length > 0) announce(isThread ? "New message" : "Conversations have changed");
}

function keysOf(region: HTMLElement): Set<string> {
  const keyed = region.querySelectorAll<HTMLElement>("[data-key]");
  return new Set(Array.from(keyed, (element) => element.dataset.key ?? ""));
}

function hasSelectionIn(region: HTMLElement): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && region.contains(selection.anchorNode);
}

function announce(text: string | null): void {
  const announcer = document.querySelector("[data-announcer]");
  if (announcer) announcer.textContent = text;
}
