import { element, setAria } from "../element.ts";
import { MAX_QUESTION_LENGTH } from "../question-length.ts";
import { contactIn } from "./contact.ts";
import type { PeopleHost } from "./contract.ts";
import { onEscape } from "./escape.ts";
import type { Memory } from "./state.ts";
import type { Words } from "./words.ts";

/** The longest note that the server takes, in characters. */
const MAX_NOTE = 1000;
/** The longest address. */
const MAX_CONTACT = 254;

interface RequestForm {
  readonly node: HTMLElement;
  /** @param known the address that the server has already, shortened */
  update(isShown: boolean, known: string | undefined): void;
  focus(): void;
}

interface RequestFormOptions {
  readonly host: PeopleHost;
  readonly t: Words;
  readonly memory: Memory;
  /** The sentence that the visitor agrees to. */
  readonly consent: string;
  /** The questions that go with the request, because the server has not taken them. */
  readonly refused: () => readonly string[];
  /** Gets what the server says of the request. */
  readonly onSent: (request: unknown, hasQuestion: boolean) => void;
  readonly onCancel: () => void;
}

/** What is said of a refusal, by its code. */
const REFUSALS: Readonly<Record<string, keyof Words>> = {
  invalid_request: "contactWrong",
  rate_limited: "tooMany",
  person_off: "off",
};

/** One question, of several the last ones that fit. Empty: there is none. */
function questionOf(questions: readonly string[]): string {
  const joined = questions.join("\n\n");
  const isLong = [...joined].length > MAX_QUESTION_LENGTH;
  return isLong ? questionOf(questions.slice(1)) : joined;
}

/** The parts of the form. */
function createFields({ host, t, consent }: RequestFormOptions) {
  const field = element("input", {
    id: "contact",
    type: "text",
    autocomplete: "email",
    maxLength: MAX_CONTACT,
    dir: "auto",
  });
  const wrong = element("div", { className: "problem", id: "contact-problem", role: "alert" });
  const known = element("bdi");
  const other = element("button", { className: "link", type: "button" }, t.another);
  const kept = element("div", { className: "kept" }, known, other);
  const note = element("textarea", { id: "note", rows: 2, maxLength: MAX_NOTE });
  const along = element("p", { className: "consent", id: "along" });
  const href = `${host.data.privacyUrl ?? ""}`.trim();
  const link = { href, rel: "noopener", target: "_blank" };
  const privacy = element("a", { ...link, hidden: !/^https:\/\/[^/[]/i.test(href) }, t.privacy);
  const problem = element("div", { className: "problem", role: "alert" });
  const send = element("button", { className: "do", type: "submit" }, t.send);
  const cancel = element("button", { className: "link", type: "button" }, t.cancel);
  const form = element(
    "form",
    { className: "ask", noValidate: true, ariaLabel: t.person },
    element("strong", {}, t.person),
    along,
    element("label", { htmlFor: field.id }, t.contact),
    kept,
    field,
    wrong,
    element("label", { htmlFor: note.id }, t.note),
    note,
    element("p", { className: "consent" }, element("span", { dir: "auto" }, consent), " ", privacy),
    problem,
    element("div", { className: "line" }, cancel, send),
  );
  field.setAttribute("aria-describedby", wrong.id);
  note.setAttribute("aria-describedby", along.id);
  return { form, field, wrong, kept, known, other, note, along, problem, cancel };
}

/** Asks for an address and a note, and sends them with the consent. What was typed stays until it is sent. */
export function createRequestForm(options: RequestFormOptions): RequestForm {
  const { host, t, memory, consent, refused, onSent, onCancel } = options;
  const { form, field, wrong, kept, known, other, note, along, problem, cancel } =
    createFields(options);
  const node = element("div");
  /** The address of an earlier request is used again. */
  let isKept = false;
  let wantsOther = false;
  let isSending = false;

  function refuse(place: HTMLElement, sentence: string): void {
    place.textContent = sentence;
    const isField = place === wrong && sentence !== "";
    setAria(field, "ariaInvalid", isField);
    if (isField) field.focus();
  }

  async function submit(): Promise<void> {
    refuse(wrong, "");
    refuse(problem, "");
    const contact = contactIn(field.value);
    if (!isKept && !contact) return refuse(wrong, t.contactWrong);
    if (isSending) return;
    const text = note.value.trim();
    const question = questionOf(refused());
    const asked = {
      ...(!isKept && { contact }),
      ...(text && { note: text }),
      ...(question && { question }),
      consent,
    };
    isSending = true;
    try {
      const response = await host.api.call((sessionId) => [
        "/v1/chat/requests",
        {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ sessionId, ...asked }),
        },
      ]);
      const { request } = Object(await response.json()) as { request?: unknown };
      wantsOther = false;
      onSent(request, !!question);
    } catch (error) {
      const word = REFUSALS[error instanceof Error ? error.message : ""] ?? "unsent";
      refuse(word === "contactWrong" && !isKept ? wrong : problem, t[word]);
    } finally {
      isSending = false;
    }
  }

  const remember = () => {
    memory.form = { contact: field.value, note: note.value };
  };
  field.oninput = note.oninput = remember;
  other.onclick = () => {
    wantsOther = true;
    update(true, known.textContent ?? "");
    field.focus();
  };
  cancel.onclick = onCancel;
  form.onsubmit = (event) => {
    event.preventDefault();
    void submit();
  };
  onEscape(form, onCancel);

  function update(isShown: boolean, contact: string | undefined): void {
    const isNew = isShown && !form.parentNode;
    // One that is not shown is not there: its fields cannot be taken for the panel's.
    if (!isShown) form.remove();
    isKept = !!contact && !wantsOther;
    known.textContent = contact ?? "";
    kept.hidden = !isKept;
    field.hidden = isKept;
    along.textContent = refused().length ? t.along : "";
    if (!isNew) return;
    node.append(form);
    field.value = memory.form.contact;
    note.value = memory.form.note;
    refuse(wrong, "");
    refuse(problem, "");
  }

  return { node, update, focus: () => (isKept ? note : field).focus() };
}
