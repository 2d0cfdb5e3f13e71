import { listModels } from "../model/catalogue.ts";

/** A model server that was found on this machine. */
export interface LocalServer {
  readonly name: string;
  /** The address for OPENAI_BASE_URL. */
  readonly url: string;
  /** The models that can answer. */
  readonly models: readonly string[];
}

/** Where servers listen that nobody has configured. All of them speak OpenAI's API. */
const USUAL_PLACES = [
  { name: "LM Studio", address: "http://127.0.0.1:1234" },
  { name: "llama.cpp", address: "http://127.0.0.1:8080" },
  { name: "vLLM", address: "http://127.0.0.1:8000" },
] as const;
const OLLAMA_PORT = "11434";

/**
 * Asks the usual places of model servers for their models.
 * @param ollamaHost the variable OLLAMA_HOST, which Ollama's own programs follow, too
 */
export async function findLocalServers(ollamaHost: string | undefined): Promise<LocalServer[]> {
  const places = [{ name: "Ollama", address: ollamaAddress(ollamaHost) }, ...USUAL_PLACES];
  const found = await Promise.all(
    places.map(async ({ name, address }) => {
      const url = `${address}/v1`;
      const models = await listModels({ apiKey: undefined, baseUrl: url, headers: {} });
      return models === undefined ? [] : [{ name, url, models: models.filter(canAnswer) }];
    }),
  );
  return found.flat();
}

/** Models that make vectors of texts are in the same list. */
export function canAnswer(model: string): boolean {
  return !/embed/i.test(model);
}

/** OLLAMA_HOST is `host`, `host:port`, `:port` or an address, and names what Ollama listens on. */
export function ollamaAddress(written = ""): string {
  const [, scheme = "http", rest = ""] = /^(?:(https?):\/\/)?(.*?)\/*$/i.exec(written.trim()) ?? [];
  const host = rest.startsWith(":") || rest === "" ? `127.0.0.1${rest}` : rest;
  const hasPort = /:\d+$/.test(host) || written.includes("://");
  const address = `${scheme}://${hasPort ? host : `${host}:${OLLAMA_PORT}`}`;
  if (!URL.canParse(address)) return `http://127.0.0.1:${OLLAMA_PORT}`;
  const url = new URL(address);
  if (["0.0.0.0", "[::]"].includes(url.hostname)) url.hostname = "127.0.0.1";
  return url.origin;
}
