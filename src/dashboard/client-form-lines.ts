/** A form as one of its buttons sends it. */
export interface SentForm {
  readonly address: string;
  readonly fields: URLSearchParams;
}

export function readForm(form: HTMLFormElement, submitter: HTMLButtonElement): SentForm {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form, submitter)) {
    if (typeof value === "string") fields.append(name, value);
  }
  // The buttons are named action, and stand before the property of the form.
  return { address: form.getAttribute("action") ?? "", fields };
}

/**
 * Sends a form whose answer takes a while. Rejects, and so do the lines, when the connection is lost or the signal aborts.
 * @returns the lines of JSON as they come, or the status where the server answers with a page
 */
export async function sendForLines<Line>(
  { address, fields }: SentForm,
  signal: AbortSignal | null = null,
): Promise<AsyncGenerator<Line> | number> {
  const headers = { accept: "application/x-ndjson" };
  const response = await fetch(address, { method: "POST", headers, body: fields, signal });
  const isStream = response.headers.get("content-type")?.startsWith("application/x-ndjson");
  return response.body && isStream ? linesOf<Line>(response.body) : response.status;
}

async function* linesOf<Line>(body: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
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
