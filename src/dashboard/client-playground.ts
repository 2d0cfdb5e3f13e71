import { readForm, sendForLines, type SentForm } from "./client-form-lines.ts";

/** An event of the answer. Other fields are for other clients. */
interface PlaygroundEvent {
  readonly type: "start" | "token" | "done" | "error";
  readonly token?: string;
  readonly message?: string;
  readonly error?: string;
}

/** Shows the answers of the playground as they are written. Without this, the page comes back with each answer. */
export function followPlayground(form: HTMLFormElement): void {
  const answers = form.querySelector<HTMLElement>("[data-answers]");
  const input = form.querySelector<HTMLInputElement>("[name=question]");
  if (!answers || !input) return;
  let isAsking = false;

  form.addEventListener("submit", (event) => {
    const { submitter } = event;
    if (!(submitter instanceof HTMLButtonElement) || submitter.value !== "ask") return;
    event.preventDefault();
    if (isAsking || input.value.trim() === "") {
      input.focus();
      return;
    }
    isAsking = true;
    const sent = readForm(form, submitter);
    add(answers, "asked", input.value);
    const answer = add(answers, "answered waiting", "…");
    input.value = "";
    void ask(sent, answer, answers).finally(() => {
      answer.classList.remove("waiting");
      isAsking = false;
    });
  });
}

function add(answers: HTMLElement, className: string, text: string): HTMLElement {
  const element = document.createElement("p");
  element.className = className;
  element.textContent = text;
  answers.append(element);
  answers.scrollTop = answers.scrollHeight;
  return element;
}

async function ask(sent: SentForm, answer: HTMLElement, answers: HTMLElement): Promise<void> {
  const show = (text: string, isFailure = false) => {
    const isAtEnd = answers.scrollHeight - answers.scrollTop - answers.clientHeight < 40;
    answer.classList.toggle("failed", isFailure);
    answer.textContent = text;
    if (isAtEnd) answers.scrollTop = answers.scrollHeight;
  };
  try {
    const events = await sendForLines<PlaygroundEvent>(sent);
    if (typeof events === "number") show(refusal(events), true);
    else await readAnswer(events, show);
  } catch {
    show("The connection was lost. Ask again.", true);
  }
}

/** The server answers with a page where it has no stream. */
function refusal(status: number): string {
  if (status === 401) return "You have been logged out. Reload the page and log in.";
  if (status === 429) return "Too many requests. Wait a minute and ask again.";
  if (status === 503) return "No model is set up yet, or too many answers are under way.";
  if (status === 400)
    return "These instructions or this question cannot be asked: they are too long.";
  return "The server could not ask. Reload the page and try again.";
}

async function readAnswer(
  events: AsyncIterable<PlaygroundEvent>,
  show: (text: string, isFailure?: boolean) => void,
): Promise<void> {
  let text = "";
  let hasEnded = false;
  for await (const event of events) {
    hasEnded = event.type === "done" || event.type === "error";
    if (event.type === "start") text = "";
    else if (event.type === "token") text += event.token ?? "";
    else if (event.type === "done") text = event.message ?? text;
    if (event.type === "error") show(`${text === "" ? "" : `${text}\n\n`}${event.error}`, true);
    else show(text === "" ? "…" : text);
  }
  if (!hasEnded) show(`${text}\n\nThe answer was cut off.`.trim(), true);
}
