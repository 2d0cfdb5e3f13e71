import { parseArgs } from "node:util";

const DEFAULT_IDLE_SECONDS = "5";
/** The longest silence that the server's diagnostics allow. */
const MAX_IDLE_SECONDS = 240;
const EXAMPLE_URL = "https://chat.example.com";

export interface DoctorOptions {
  readonly url: string | undefined;
  readonly idleSeconds: number;
}

/** Thrown for wrong arguments. The message names them and gives a right example. */
export class DoctorUsageError extends Error {
  override readonly name = "DoctorUsageError";
}

/** @throws DoctorUsageError */
export function readDoctorOptions(words: readonly string[]): DoctorOptions {
  const { url, idle = DEFAULT_IDLE_SECONDS } = readWords(words);
  const fault = url === undefined ? undefined : faultOfUrl(url);
  if (fault !== undefined) throw new DoctorUsageError(`--url ${fault}`);
  if (!/^\d{1,3}$/.test(idle) || Number(idle) > MAX_IDLE_SECONDS) {
    throw new DoctorUsageError(
      `--idle takes a whole number of seconds from 0 to ${MAX_IDLE_SECONDS}: --idle 60`,
    );
  }
  return { url, idleSeconds: Number(idle) };
}

function readWords(words: readonly string[]) {
  const option = { type: "string", multiple: true } as const;
  const parse = () => parseArgs({ args: [...words], options: { url: option, idle: option } });
  let values: ReturnType<typeof parse>["values"];
  try {
    ({ values } = parse());
  } catch (error) {
    throw new DoctorUsageError(error instanceof Error ? error.message : String(error));
  }
  const { url = [], idle = [] } = values;
  if (url.length > 1) throw new DoctorUsageError("--url is given more than once");
  if (idle.length > 1) throw new DoctorUsageError("--idle is given more than once");
  return { url: url[0], idle: idle[0] };
}

/** The problem with an address, followed by a valid example. */
function faultOfUrl(text: string): string | undefined {
  if (!text.includes("://")) {
    return `needs https:// (or http://) before the name: --url https://${hostOf(text)}`;
  }
  if (!/^https?:\/\//i.test(text)) return `takes an https or http address: --url ${EXAMPLE_URL}`;
  if (!URL.canParse(text)) return `is not an address with a host name: --url ${EXAMPLE_URL}`;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    return `must not have a user name or password: --url ${url.protocol}//${url.host}`;
  }
  if (/[?#]/.test(text)) {
    return `must not have a query or fragment (? and #): --url ${url.origin}${url.pathname}`;
  }
  return undefined;
}

/** The host that was probably meant, for an example to copy. */
function hostOf(text: string): string {
  const host = text.replace(/^(?:https?:)?\/*/i, "");
  return URL.canParse(`https://${host}`) ? host : "chat.example.com";
}
