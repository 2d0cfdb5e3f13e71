import type { OpenAiSettings } from "../config/model.ts";

const OPENAI_URL = "https://api.openai.com/v1";

/** How the server of a model is reached. */
export type ServerAccess = Pick<OpenAiSettings, "apiKey" | "baseUrl" | "headers">;

/** The address of an endpoint, such as `/models`. */
export function endpointOf({ baseUrl = OPENAI_URL }: ServerAccess, path: string): string {
  // Azure needs a query in every address.
  const [base = "", query] = baseUrl.split("?");
  return `${base}${path}${query === undefined ? "" : `?${query}`}`;
}

/** The headers by which the server knows who asks. */
export function accessHeaders({ apiKey, headers }: ServerAccess): Record<string, string> {
  const authorization = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  return { ...authorization, ...headers };
}
