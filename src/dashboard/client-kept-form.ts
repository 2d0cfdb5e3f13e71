/**
 * A text that is sent after its session has ended, also by a login in another tab, is refused, and most browsers forget it.
 * This keeps it in the tab, and puts it back into its form. Without it, the text is lost.
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
  /** A form that was sent is forgotten unless it was refused. Then, its page is opened once. */
  readonly state: "sent" | "refused" | "opened";
}

export function followKeptForms(): void {
  const kept = read();
  const refusal = document.querySelector(REFUSED);
  if (kept && refusal) {
    keep({ ...kept, state: "refused" });
    refusal.after(noticeOf(KEPT));
  } else if (kept && !document.querySelector(LOGIN)) putBack(kept);

  for (const form of document.querySelectorAll<HTMLFormElement>(KEPT_FORM)) {
    form.addEventListener("submit", () => {
      const fields = [...new FormData(form)].filter(([name]) => name !== TOKEN_FIELD);
      const texts = Object.fromEntries(fields.map(([name, value]) => [name, String(value)]));
      keep({ address: location.href, texts, state: "sent" });
    });
  }
}

function putBack(kept: KeptForm): void {
  sessionStorage.removeItem(KEPT_NAME);
  if (kept.state === "sent") return;
  if (kept.state === "refused" && location.href !== kept.address) {
    keep({ ...kept, state: "opened" });
    location.replace(kept.address);
    return;
  }
  const form = document.querySelector<HTMLFormElement>(KEPT_FORM);
  if (form) fill(form, kept.texts);
}

function fill(form: HTMLFormElement, texts: KeptForm["texts"]): void {
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(
    "input, textarea",
  )) {
    field.value = texts[field.name] ?? field.value;
  }
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
