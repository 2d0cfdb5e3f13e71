import { readForm, sendForLines, type SentForm } from "./client-form-lines.ts";

/** A line of the answer. */
interface TrialLine {
  readonly type: "tested" | "end";
  readonly done?: number;
  readonly of?: number;
  readonly isLoss?: boolean;
  readonly text: string;
}

/** Shows how the owner's answers are tested, one by one. Without this, the page comes back when all are. */
export function followAnswerTrial(form: HTMLFormElement): void {
  const results = form.querySelector<HTMLElement>("[data-tests]");
  const status = form.querySelector<HTMLElement>("[data-tests-status]");
  const stop = form.querySelector<HTMLButtonElement>("[data-tests-stop]");
  if (!results || !status || !stop) return;
  let running: AbortController | undefined;

  form.addEventListener("submit", (event) => {
    const { submitter } = event;
    if (!(submitter instanceof HTMLButtonElement) || submitter.value !== "test") return;
    event.preventDefault();
    if (running) return;
    running = new AbortController();
    const sent = readForm(form, submitter);
    results.replaceChildren();
    status.textContent = "Asking…";
    stop.hidden = false;
    void run(sent, { results, status }, running.signal).finally(() => {
      running = undefined;
      stop.hidden = true;
    });
  });
  stop.addEventListener("click", () => running?.abort());
}

interface Places {
  readonly results: HTMLElement;
  readonly status: HTMLElement;
}

async function run(
  sent: SentForm,
  { results, status }: Places,
  signal: AbortSignal,
): Promise<void> {
  try {
    const lines = await sendForLines<TrialLine>(sent, signal);
    if (typeof lines === "number") {
      status.textContent = refusal(lines);
      return;
    }
    let hasEnded = false;
    for await (const line of lines) {
      hasEnded = line.type === "end";
      if (hasEnded) {
        status.textContent = line.text;
      } else {
        status.textContent = `${line.done} of ${line.of}`;
        add(results, line);
      }
    }
    if (!hasEnded) status.textContent = "The connection was lost. Test again.";
  } catch {
    status.textContent = signal.aborted ? "Stopped." : "The connection was lost. Test again.";
  }
}

function add(results: HTMLElement, { text, isLoss }: TrialLine): void {
  const element = document.createElement("p");
  element.className = isLoss === true ? "answered failed" : "answered";
  element.textContent = text;
  results.append(element);
  results.scrollTop = results.scrollHeight;
}

/** The server answers with a page where it has no stream. */
function refusal(status: number): string {
  if (status === 401) return "You have been logged out. Reload the page and log in.";
  if (status === 429) return "Too many requests. Wait a minute and test again.";
  if (status === 503) return "No model is set up yet, or a test is under way.";
  if (status === 400) return "These instructions cannot be used: they are too long.";
  return "The server could not ask. Reload the page and try again.";
}
