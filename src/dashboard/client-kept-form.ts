/**
 * A text that is sent after its session has ended, also by a login in another tab, is refused, and most browsers forget it,
 * as they forget what was typed on a page that is gone back to. This keeps it in the tab, and puts it back into its form.
 * Without it, the text is lost.
 */

const KEPT_NAME = "chatporch:kept-form";
const KEPT_FORM = "form[data-kept]";
const LOGIN = "form[data-login]";
const REFUSED = "[data-form-refused]";
/** That of the next session is another one. */
const TOKEN_FIELD = "formToken";

const KEPT = "What you typed is kept, and is shown again on the next page.";
const BACK = "This is what you typed. It is not saved yet.";

interface KeptForm {
  readonly address: string;
  /** By the names of the fields. */
  readonly texts: Readonly<Record<string, string>>;
  /**
   * A form that was sent is forgotten unless it was refused. Then, its page is opened once. One that was left without being
   * sent is for whoever goes back to it; whoever opens or reloads its page begins anew.
   */
  readonly state: "sent" | "refused" | "opened" | "left";
}

/** Whether a form has a text that would be lost with its page. */
export function hasUnsentText(): boolean {
  return unsentForm() !== undefined;
}

export function followKeptForms(): void {
  const kept = read();
  const refusal = document.querySelector(REFUSED);
  if (kept && refusal && kept.state !== "left") {
    keep({ ...kept, state: "refused" });
    refusal.after(noticeOf(KEPT));
  } else if (kept && !document.querySelector(LOGIN)) putBack(kept);

  let isSent = false;
  document.addEventListener("submit", ({ target, defaultPrevented }) => {
    if (!(target instanceof HTMLFormElement) || !target.matches(KEPT_FORM)) return;
    // Answers of the playground come without leaving the page.
    if (defaultPrevented) return;
    isSent = true;
    keep({ address: location.href, texts: textsOf(target), state: "sent" });
  });
  addEventListener("pagehide", () => {
    const form = isSent ? undefined : unsentForm();
    if (form) keep({ address: location.href, texts: textsOf(form), state: "left" });
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) isSent = false;
  });
}

function putBack(kept: KeptForm): void {
  const { address, texts, state } = kept;
  const isItsPage = location.href === address;
  if (state === "left" && !isItsPage) return;
  sessionStorage.removeItem(KEPT_NAME);
  if (state === "sent" || (state === "left" && !isWayBack())) return;
  if (state === "refused" && !isItsPage) {
    keep({ ...kept, state: "opened" });
    location.replace(address);
    return;
  }
  const form = document.querySelector<HTMLFormElement>(KEPT_FORM);
  if (form) fill(form, texts);
}

/** Whether the page was reached with Back or Forward. */
function isWayBack(): boolean {
  const [entry] = performance.getEntriesByType("navigation");
  return entry instanceof PerformanceNavigationTiming && entry.type === "back_forward";
}

/** The first form that differs from what the server has sent. */
function unsentForm(): HTMLFormElement | undefined {
  const forms = [...document.querySelectorAll<HTMLFormElement>(KEPT_FORM)];
  return forms.find((form) =>
    fieldsOf(form).some((field) => field.type !== "hidden" && field.value !== field.defaultValue),
  );
}

function fieldsOf(form: HTMLFormElement): (HTMLInputElement | HTMLTextAreaElement)[] {
  return [...form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")];
}

function textsOf(form: HTMLFormElement): KeptForm["texts"] {
  const fields = [...new FormData(form)].filter(([name]) => name !== TOKEN_FIELD);
  return Object.fromEntries(fields.map(([name, value]) => [name, String(value)]));
}

function fill(form: HTMLFormElement, texts: KeptForm["texts"]): void {
  for (const field of fieldsOf(form)) field.value = texts[field.name] ?? field.value;
  form.dispatchEvent(new Event("input"));
  const notice = noticeOf(BACK);
  form.before(notice);
  notice.tabIndex = -1;
  notice.focus();
}

function noticeOf(words: string): HTMLElement {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.role = "status";
  notice.textContent = words;
  return notice;
}

function read(): KeptForm | undefined {
  const stored = sessionStorage.getItem(KEPT_NAME);
  return stored === null ? undefined : JSON.parse(stored);
}

function keep(kept: KeptForm): void {
  sessionStorage.setItem(KEPT_NAME, JSON.stringify(kept));
}
