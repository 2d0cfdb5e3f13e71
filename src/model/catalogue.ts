import type { OpenAiSettings } from "../config/model.ts";
import { boundBody } from "./bounded-body.ts";
import { object } from "./json.ts";
import { accessHeaders, endpointOf, type ServerAccess } from "./server-access.ts";

/**
 * What a model server says about its models. These requests are made apart from the chat, never for a
 * question. Most servers know `/models`, and only OpenAI says when a model ends.
 */

const TIMEOUT_MS = 5000;
/** OpenRouter's list of all its models has half a megabyte. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const NAME = /^[\w.:/@+-]{1,100}$/;

/** The names of the server's models, or undefined when the server does not list them. */
export async function listModels(server: ServerAccess): Promise<readonly string[] | undefined> {
  const body = await ask(server, "/models");
  // Ollama without models writes null for the empty list.
  if (object(body)?.["object"] === "list" && object(body)?.["data"] === null) return [];
  const list = Array.isArray(body) ? body : (object(body)?.["data"] ?? object(body)?.["models"]);
  if (!Array.isArray(list)) return undefined;
  const names = list.map((each: unknown) => object(each)?.["id"] ?? object(each)?.["name"]);
  return names.filter((name): name is string => typeof name === "string" && NAME.test(name));
}

/** When the provider ends the model (milliseconds since the epoch), if it says so. */
export async function findShutdown(settings: OpenAiSettings): Promise<number | undefined> {
  const body = await ask(settings, `/models/${encodeURIComponent(settings.name)}`);
  const date = object(body)?.["shutdown_date"];
  // OpenAI writes a date. A number is read as seconds, as in `created`.
  const at =
    typeof date === "number" ? date * 1000 : Date.parse(typeof date === "string" ? date : "");
  return Math.abs(at) <= MAX_DATE_MS ? at : undefined;
}

/** The largest time that a Date can hold. */
const MAX_DATE_MS = 8.64e15;

/** The JSON of a successful response, otherwise undefined. Never throws. */
async function ask(server: ServerAccess, path: string): Promise<unknown> {
  try {
    // A redirect would take the key to another address.
    const response = await fetch(endpointOf(server, path), {
      headers: accessHeaders(server),
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = await boundBody(response, MAX_BODY_BYTES).text();
    return response.ok ? (JSON.parse(body) as unknown) : undefined;
  } catch {
    // Unreachable, too slow, or not JSON. If that matters to the chat, the chat reports it itself.
    return undefined;
  }
}

/** The first few of the names, for one line. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, MAX_SHOWN).join(", ");
  return names.length > MAX_SHOWN ? `${shown} and ${names.length - MAX_SHOWN} more` : shown;
}

const MAX_SHOWN = 12;
