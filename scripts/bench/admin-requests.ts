import { BenchError } from "../../harness/server-process.ts";
import { adminRequest } from "./targets.ts";

/** A dashboard's requests to the admin API. An answer that cannot be right ends the bench. */

interface ListedConversation {
  readonly id: string;
  readonly messageCount: number;
}

export interface Page {
  readonly conversations: readonly ListedConversation[];
  readonly total: number;
  readonly nextCursor: string | null;
}

/** What a page must look like. */
export interface Expected {
  readonly limit: number;
  readonly minTotal: number;
  readonly maxTotal: number;
}

export async function askPage(
  url: string,
  query: Readonly<Record<string, string>>,
  { limit, minTotal, maxTotal }: Expected,
): Promise<Page> {
  const response = await askOk(url, `?${new URLSearchParams({ ...query, limit: `${limit}` })}`);
  const page = (await response.json()) as Page;
  check(page.total >= minTotal && page.total <= maxTotal, `a total of ${page.total}`);
  const found = page.conversations.length;
  check(found === Math.min(limit, page.total), `a page of ${found} of ${page.total}`);
  return page;
}

export async function askThread(url: string, { id, messageCount }: ListedConversation) {
  const response = await askOk(url, `/${id}`);
  const { messages } = (await response.json()) as { readonly messages: readonly unknown[] };
  check(messages.length === messageCount, `${messages.length} messages of ${messageCount}`);
}

/** Reads an export to its end without keeping it. Resolves with its size in bytes. */
export async function askExport(url: string, messages: number): Promise<number> {
  const { body } = await askOk(url, "/export");
  let bytes = 0;
  let lines = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    lines += countLineEnds(chunk);
  }
  check(lines === messages, `an export of ${lines} messages, not ${messages}`);
  return bytes;
}

function countLineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

async function askOk(url: string, path: string): Promise<Response> {
  const response = await fetch(adminRequest(url, path));
  check(response.status === 200, `status ${response.status} for ${path}`);
  return response;
}

function check(isTrue: boolean, problem: string): void {
  if (!isTrue) throw new BenchError(`The admin API gave a wrong answer: ${problem}.`);
}
