/**
 * Where the owner writes to a visitor. Enter sends, the draft stays until it is sent, and the visitor sees that somebody
 * writes. Without this script, the form is sent as any other.
 */

/** What is typed is shown to the visitor for five seconds. */
const TYPING_INTERVAL_MS = 4000;

const FAILED = "It was not sent. Your text is kept: try again.";
/** Why it was not sent, by status, where the same form would fail again. */
const REFUSALS: Readonly<Record<number, string>> = {
  401: "Your session has ended. Log in in another tab, then reload this page: your text is kept.",
  403: "You have logged in again since this page was opened. Reload it: your text is kept.",
  404: "It was not sent: this conversation has been deleted.",
};

/** @param page what is fetched again when something has changed */
export function followComposer(form: HTMLFormElement, page: HTMLElement): void {
  const words = form.querySelector("textarea");
  if (!words) return;
  keepDraft(form, words);
  showTyping(form, words);
  const keys = form.querySelector<HTMLElement>("#words-keys");
  if (keys) keys.hidden = false;
  words.addEventListener("keydown", (event) => {
    const { key: pressed } = event;
    if (pressed !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (words.value.trim() !== "") void send(form, words);
  });
  showWhileHere(form, page);
}

/** The form is there while the owner is. His time may end while nothing is stored. */
function showWhileHere(form: HTMLFormElement, page: HTMLElement): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    const until = page.querySelector<HTMLElement>("[data-until]")?.dataset.until;
    form.hidden = until === undefined;
    clearTimeout(timer);
    if (until === undefined) return;
    const end = () => page.dispatchEvent(new CustomEvent("chatporch:stale"));
    timer = setTimeout(end, Math.max(0, Number(until) - Date.now()) + 1000);
  };
  page.addEventListener("chatporch:replaced", look);
  look();
}

async function send(form: HTMLFormElement, words: HTMLTextAreaElement): Promise<void> {
  if (form.ariaBusy === "true") return;
  const text = words.value;
  form.ariaBusy = "true";
  const problem = await post(form);
  form.ariaBusy = null;
  showProblem(form, problem);
  if (problem !== undefined) return;
  // What was typed meanwhile is the next message.
  words.value = words.value.startsWith(text) ? words.value.slice(text.length) : words.value;
  words.dispatchEvent(new Event("change"));
  const key = form.querySelector<HTMLInputElement>("[name=key]");
  if (key) key.value = crypto.getRandomValues(new Uint32Array(4)).join("-");
  words.focus();
}

/** @returns what went wrong */
async function post(form: HTMLFormElement): Promise<string | undefined> {
  const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(fields),
      // The page that it leads to is this one.
      redirect: "manual",
    });
    if (response.type === "opaqueredirect" || response.ok) return undefined;
    return REFUSALS[response.status] ?? FAILED;
  } catch {
    return FAILED;
  }
}

function showProblem(form: HTMLFormElement, problem: string | undefined): void {
  const place = form.querySelector<HTMLElement>("#words-problem");
  if (!place) return;
  place.textContent = problem ?? "";
  place.hidden = problem === undefined;
}

/** Until it is sent, a draft stays in this tab. */
function keepDraft(form: HTMLFormElement, words: HTMLTextAreaElement): void {
  const name = `chatporch:draft:${form.dataset.composer}`;
  words.value ||= sessionStorage.getItem(name) ?? "";
  const keep = () => {
    if (words.value === "") sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, words.value);
  };
  // The owner may have begun to write before this script came.
  keep();
  words.addEventListener("input", keep);
  words.addEventListener("change", keep);
}

function showTyping(form: HTMLFormElement, words: HTMLTextAreaElement): void {
  let shownAt = Number.NEGATIVE_INFINITY;
  words.addEventListener("input", () => {
    const { typing = "" } = form.dataset;
    const token = form.querySelector<HTMLInputElement>("[name=formToken]");
    if (words.value === "" || !token || performance.now() - shownAt < TYPING_INTERVAL_MS) return;
    shownAt = performance.now();
    const body = new URLSearchParams([[token.name, token.value]]);
    // Nobody misses it.
    void fetch(typing, { method: "POST", body }).catch(() => undefined);
  });
}
