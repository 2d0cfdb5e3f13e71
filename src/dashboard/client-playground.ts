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
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form, submitter)) {
      if (typeof value === "string") fields.append(name, value);
    }
    add(answers, "asked", input.value);
    const answer = add(answers, "answered waiting", "…");
    input.value = "";
    // The buttons are named action, and stand before the property of the form.
    void ask(form.getAttribute("action") ?? "", fields, answer, answers).finally(() => {
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

async function ask(
  address: string,
  fields: URLSearchParams,
  answer: HTMLElement,
  answers: HTMLElement,
): Promise<void> {
  const show = (text: string, isFailure = false) => {
    const isAtEnd = answers.scrollHeight - answers.scrollTop - answers.clientHeight < 40;
    answer.classList.toggle("failed", isFailure);
    answer.textContent = text;
    if (isAtEnd) answers.scrollTop = answers.scrollHeight;
  };
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { accept: "application/x-ndjson" },
      body: fields,
    });
    const isStream = response.headers.get("content-type")?.startsWith("application/x-ndjson");
    if (response.body && isStream) await readAnswer(response.body, show);
    else show(refusal(response.status), true);
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
  body: ReadableStream<Uint8Array>,
  show: (text: string, isFailure?: boolean) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let text = "";
  let hasEnded = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") continue;
      const event: PlaygroundEvent = JSON.parse(line);
      hasEnded = event.type === "done" || event.type === "error";
      if (event.type === "start") text = "";
      else if (event.type === "token") text += event.token ?? "";
      else if (event.type === "done") text = event.message ?? text;
      if (event.type === "error") show(`${text === "" ? "" : `${text}\n\n`}${event.error}`, true);
      else show(text === "" ? "…" : text);
    }
  }
  if (!hasEnded) show(`${text}\n\nThe answer was cut off.`.trim(), true);
}
