import { expect } from "bun:test";

import type { Answer } from "./answers.ts";
import { PAGE_HEADERS } from "./dashboard-requests.ts";

/** What the tests of the dashboard's pages look for in them. */

export function expectPage({ status, headers, body }: Answer, expected = 200): void {
  expect(status).toBe(expected);
  expect(Object.fromEntries(headers)).toMatchObject(PAGE_HEADERS);
  // A browser silently ignores what the CSP forbids.
  expect(body).not.toMatch(/<style|<[a-z][^<>]*\s(?:style|on[a-z]+)=|<script(?![^>]*\ssrc=")/);
}

/** The texts of a page, in the order of the elements that a selector finds. */
export async function textsOf(page: string, selector: string): Promise<string[]> {
  const texts: string[] = [];
  const rewriter = new HTMLRewriter().on(selector, {
    element: () => void texts.push(""),
    text({ text }) {
      texts.push((texts.pop() ?? "") + text);
    },
  });
  await rewriter.transform(new Response(page)).text();
  return texts.map((text) => text.replaceAll(/\s+/g, " ").trim());
}
