import { panelFile, widgetFiles } from "../assets/widget-files.ts";
import type { LoadedFile, PublicServer } from "./public-server.ts";
import type { Finding } from "./report.ts";

const SUBJECT = "pages";
const LOGIN_PATH = "/dashboard/login";

/**
 * Checks whether the widget loads from the public address, and where the dashboard's pages load files from and
 * post to. If visitors use another address than the server knows, the pages lead elsewhere.
 * @throws UnreachableError
 */
export async function checkPages(server: PublicServer): Promise<Finding[]> {
  return [await checkWidget(server), await checkDashboard(server)];
}

async function checkDashboard(server: PublicServer): Promise<Finding> {
  const { base } = server;
  const login = await server.load(LOGIN_PATH);
  const path = server.url.pathname.replace(/\/+$/, "");
  const strayed = judgeLogin(base, path, login);
  if (strayed !== undefined) return strayed;
  const style = await server.load((styleSheetOf(login.text) ?? "").slice(path.length));
  if (style.status === 200 && style.mediaType === "text/css") {
    return { mark: "ok", subject: SUBJECT, says: "the dashboard loads, and its links are right" };
  }
  return {
    mark: "wrong",
    subject: SUBJECT,
    says: `the dashboard has no style: its style sheet answers ${style.status} ${style.mediaType}`,
    mend: passOn(base),
  };
}

/** A proxy that knows the address of the script may still not know that of the panel. */
async function checkWidget(server: PublicServer): Promise<Finding> {
  for (const { path } of [widgetFiles.loader, panelFile("en")]) {
    const { status, mediaType } = await server.load(path);
    if (status === 200 && mediaType === "text/javascript") continue;
    return {
      mark: "wrong",
      subject: SUBJECT,
      says: `the widget does not load: ${server.base}${path} answers ${status} ${mediaType}`,
      mend: passOn(server.base),
    };
  }
  return { mark: "ok", subject: SUBJECT, says: "the widget loads" };
}

/** @param path the path part of `base` */
function judgeLogin(base: string, path: string, login: LoadedFile): Finding | undefined {
  if (styleSheetOf(login.text) === undefined) {
    // Some owners deliberately do not publish the dashboard.
    return {
      mark: "warning",
      subject: SUBJECT,
      says: `the dashboard is not at this address: ${base}${LOGIN_PATH} answers ${login.status}`,
      mend: "If it should be there, have the proxy pass /dashboard on.",
    };
  }
  const elsewhere = addressesOf(login.text).find(
    (address) => !address.startsWith(`${path}/dashboard`),
  );
  if (elsewhere === undefined) return undefined;
  return {
    mark: "wrong",
    subject: SUBJECT,
    says: `the dashboard's styles and forms lead to ${elsewhere}, which is not under ${base}`,
    mend: `Set PUBLIC_URL=${base} and restart the server.`,
  };
}

function passOn(base: string): string {
  return `Have the proxy pass on everything that begins with ${base}/, whatever the name of the file.`;
}

function styleSheetOf(page: string): string | undefined {
  return /<link rel="stylesheet" href="([^"]*\/dashboard\/assets\/[^"]+)"/.exec(page)?.[1];
}

/** The addresses that the page loads, links to and posts to. */
function addressesOf(page: string): string[] {
  return [...page.matchAll(/\s(?:href|src|action)="([^"]+)"/g)].map(([, address = ""]) => address);
}
