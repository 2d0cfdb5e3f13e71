import type { OpenAiSettings } from "../config/model.ts";
import { boundBody } from "./bounded-body.ts";

/**
 * What a model server says of its models. Asked beside the chat and never for a question: most servers
 * know `/models`, only OpenAI says when a model ends, and a server that knows neither is left alone.
 */

const OPENAI_URL = "https://api.openai.com/v1";
const TIMEOUT_MS = 5000;
/** OpenRouter's list of all its models has half a megabyte. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const NAME = /^[\w.:/@+-]{1,100}$/;

/** The names of the server's models, or undefined where it does not say. */
export async function listModels(settings: OpenAiSettings): Promise<readonly string[] | undefined> {
  const body = await ask(settings, "/models");
  const list = Array.isArray(body) ? body : (field(body, "data") ?? field(body, "models"));
  if (!Array.isArray(list)) return undefined;
  const names = list.map((each: unknown) => field(each, "id") ?? field(each, "name"));
  return names.filter((name): name is string => typeof name === "string" && NAME.test(name));
}

/** When the provider ends the model (milliseconds since the epoch), where it says so. */
export async function findShutdown(settings: OpenAiSettings): Promise<number | undefined> {
  const body = await ask(settings, `/models/${encodeURIComponent(settings.name)}`);
  const date = field(body, "shutdown_date");
  // OpenAI writes a date; a server that counts seconds, as in `created`, is understood, too.
  const at =
    typeof date === "number" ? date * 1000 : Date.parse(typeof date === "string" ? date : "");
  return Math.abs(at) <= MAX_DATE_MS ? at : undefined;
}

/** What a Date can hold. */
const MAX_DATE_MS = 8.64e15;

/** Undefined for everything that is no JSON under status 200. Never throws. */
async function ask(settings: OpenAiSettings, path: string): Promise<unknown> {
  const { apiKey, baseUrl = OPENAI_URL, headers } = settings;
  const [base = "", query] = baseUrl.split("?");
  try {
    // A redirect would take the key to another address.
    const response = await fetch(`${base}${path}${query === undefined ? "" : `?${query}`}`, {
      headers: {
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        ...headers,
      },
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = await boundBody(response, MAX_BODY_BYTES).text();
    return response.ok ? (JSON.parse(body) as unknown) : undefined;
  } catch {
    // Not reached, too slow, or no JSON: what the chat needs is said by the chat.
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** Some of the names, for one line. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, MAX_SHOWN).join(", ");
  return names.length > MAX_SHOWN ? `${shown} and ${names.length - MAX_SHOWN} more` : shown;
}

const MAX_SHOWN = 12;
