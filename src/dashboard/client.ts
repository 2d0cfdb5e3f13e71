/**
 * The dashboard's script in the browser: copies snippets, and fetches a page anew when the server says
 * that something in it has changed. Without it, every page works and shows what was at its loading.
 */

/**
 * The first message shows at once; many that follow each other are few requests, 12 a minute, because
 * all pages of an owner and what they click share the 60 of the admin's rate limit.
 */
const REFRESH_DELAY_MS = 150;
const REFRESH_INTERVAL_MS = 5000;
/** Charts have time. */
const FIGURES_INTERVAL_MS = 10_000;
/** After an answer that was not the page, such as 429. */
const RETRY_DELAY_MS = 15_000;
/** When somebody has text selected, the page waits for them. */
const SELECTION_DELAY_MS = 2000;
/** After the server refused the event stream; a lost connection the browser repairs by itself. */
const RECONNECT_DELAY_MS = 30_000;

/** Beside the folder of this script: the dashboard may stand under any path. */
const EVENTS_URL = eventsUrl();

interface Activity {
  readonly conversationId: string;
}

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => void copy(button));
}

const live = document.querySelector<HTMLElement>("[data-live]");
if (live) follow(live);

function eventsUrl(): string {
  const { currentScript } = document;
  const base = currentScript instanceof HTMLScriptElement ? currentScript.src : location.href;
  return new URL("../events", base).href;
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const source = document.getElementById(button.dataset.copy ?? "");
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.textContent ?? "");
    button.textContent = "Copied";
    announce("Copied");
  } catch {
    // No permission, or no TLS: selected, the text is one key away.
    getSelection()?.selectAllChildren(source);
    button.textContent = "Selected: press Ctrl+C";
  }
  setTimeout(() => {
    button.textContent = "Copy";
  }, 2500);
}

function follow(region: HTMLElement): void {
  const topic = region.dataset.live ?? "";
  const intervalMs = topic === "figures" ? FIGURES_INTERVAL_MS : REFRESH_INTERVAL_MS;
  const isOneThread = topic.startsWith("c_");
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Something happened while the page was on its way. */
  let isStale = false;
  let refreshedAt = Number.NEGATIVE_INFINITY;

  function schedule(delayMs = REFRESH_DELAY_MS): void {
    const earliest = refreshedAt + intervalMs - performance.now();
    timer ??= setTimeout(() => void run(), Math.max(delayMs, earliest));
  }

  async function run(): Promise<void> {
    isStale = false;
    const isSelected = hasSelectionIn(region);
    refreshedAt = performance.now();
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
    const events = new EventSource(EVENTS_URL);
    let wasOpen = isAgain;
    // What happened before the stream was open, or while it was away, is not told again.
    events.addEventListener("published", ({ data }: MessageEvent<string>) => {
      if (wasOpen || data !== region.dataset.published) note();
      wasOpen = true;
    });
    events.addEventListener("message", ({ data }: MessageEvent<string>) => {
      const activity: Activity = JSON.parse(data);
      if (!isOneThread || activity.conversationId === topic) note();
    });
    events.addEventListener("error", () => {
      if (events.readyState !== EventSource.CLOSED) return;
      setTimeout(() => connect(true), RECONNECT_DELAY_MS);
    });
  }

  connect(false);
}

/** Takes the region from the page as the server renders it now; false when it did not get it. */
async function refresh(region: HTMLElement): Promise<boolean> {
  const { status, page } = await fetchPage();
  if (status === 401) {
    // The session has ended; the server shows the login in place of the page.
    location.reload();
    return true;
  }
  if (status === 404) {
    const gone = document.createElement("p");
    gone.className = "notice";
    gone.textContent = "This conversation has been deleted.";
    region.replaceChildren(gone);
    announce(gone.textContent);
    return true;
  }
  const next = page?.querySelector<HTMLElement>("[data-live]");
  if (status !== 200 || !next) return false;
  replace(region, next);
  return true;
}

/** As a document: XMLHttpRequest parses HTML that no script touches, which Trusted Types allow. */
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

/** New content in the old place: focus, open details and the reader's position stay. */
function replace(region: HTMLElement, next: HTMLElement): void {
  const known = keysOf(region);
  const focused = region.contains(document.activeElement) ? document.activeElement?.id : undefined;
  const open = [...region.querySelectorAll("details[open]")].map(({ id }) => id);
  const isAtEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 80;

  for (const id of open) next.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  const fresh = [...next.querySelectorAll<HTMLElement>("[data-key]")].filter(
    (element) => !known.has(element.dataset.key ?? ""),
  );
  for (const element of fresh) element.classList.add("fresh");
  region.replaceChildren(...next.childNodes);

  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  const isThread = region.dataset.live?.startsWith("c_");
  if (isThread && isAtEnd) scrollTo({ top: document.documentElement.scrollHeight });
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
