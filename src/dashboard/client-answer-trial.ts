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
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form, submitter)) {
      if (typeof value === "string") fields.append(name, value);
    }
    results.replaceChildren();
    status.textContent = "Asking…";
    stop.hidden = false;
    const address = form.getAttribute("action") ?? "";
    void run(address, fields, { results, status }, running.signal).finally(() => {
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
  address: string,
  body: URLSearchParams,
  { results, status }: Places,
  signal: AbortSignal,
): Promise<void> {
  try {
    const headers = { accept: "application/x-ndjson" };
    const response = await fetch(address, { method: "POST", headers, body, signal });
    const isStream = response.headers.get("content-type")?.startsWith("application/x-ndjson");
    if (!response.body || !isStream) {
      status.textContent = refusal(response.status);
      return;
    }
    let hasEnded = false;
    for await (const line of linesOf(response.body)) {
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

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<TrialLine> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield JSON.parse(line);
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
