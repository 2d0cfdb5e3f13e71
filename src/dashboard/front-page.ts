import type { Link } from "../http/link.ts";
import { type Html, html } from "./html.ts";
import { plainLayout } from "./layout.ts";

/** The page at `/` in production, for whoever opens the server's address. */
export function frontPage(link: Link): Html {
  return plainLayout(
    link,
    "Chat server",
    html`<h1>This server runs the chat of websites</h1>
      <p>There is nothing else to see here.</p>
      <p><a href="${link("/dashboard")}">Dashboard, for the owner</a></p>`,
  );
}
