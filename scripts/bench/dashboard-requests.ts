import { BenchError } from "../../harness/server-process.ts";
import { ownerAddress } from "./targets.ts";

/** An owner's requests to the pages of the dashboard. An answer that cannot be right ends the bench. */

export const PASSWORD = "bench-dashboard-password";

/** Logs in. Resolves with the cookie of the session. */
export async function logIn(url: string): Promise<string> {
  const body = new URLSearchParams({ password: PASSWORD });
  const response = await fetch(`${url}/dashboard/login`, {
    method: "POST",
    body,
    redirect: "manual",
  });
  const [cookie] = response.headers.get("set-cookie")?.split(";") ?? [];
  if (cookie === undefined) throw new BenchError(`No login: status ${response.status}.`);
  return cookie;
}

/** A page as a browser with the session asks for it. Each request comes from another address. */
export function dashboardRequest(url: string, path: string, cookie: string): Request {
  return new Request(`${url}${path}`, { headers: { cookie, "x-forwarded-for": ownerAddress() } });
}

/** Reads a whole page. */
export async function readPage(url: string, path: string, cookie: string): Promise<string> {
  const response = await fetch(dashboardRequest(url, path, cookie));
  const page = await response.text();
  if (response.status !== 200) throw new BenchError(`Status ${response.status} for ${path}.`);
  return page;
}

/** Reads the beginning of an export, and closes it. */
export async function beginExport(url: string, path: string, cookie: string): Promise<string> {
  const response = await fetch(dashboardRequest(url, path, cookie));
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  if (response.status !== 200) throw new BenchError(`Status ${response.status} for ${path}.`);
  return new TextDecoder().decode(value);
}

/** The addresses of the conversations on a page of the list, from its first row on. */
export function threadsOn(page: string): string[] {
  return Array.from(
    page.matchAll(/href="(\/dashboard\/conversations\/c_[^"#]+)/g),
    ([, path = ""]) => path.replaceAll("&amp;", "&"),
  );
}
