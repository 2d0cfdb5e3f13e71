import type { Link } from "../http/link.ts";
import { type Html, html } from "./html.ts";
import { formToken } from "./layout.ts";
import { type Done, restorePath } from "./list-path.ts";
import type { ListFields } from "./schema.ts";
import type { Session } from "./session.ts";

const SENTENCES: Readonly<Record<Done["kind"], string>> = {
  deleted: "The conversation was deleted.",
  restored: "The conversation is back.",
  gone: "It is too late to undo this.",
};

/** Reads it from the address of a list. */
export function readDone(url: string): Done | undefined {
  const query = new URL(url).searchParams;
  const kind = query.get("done");
  if (kind === "deleted") return { kind, id: query.get("id") ?? undefined };
  return kind === "restored" || kind === "gone" ? { kind } : undefined;
}

interface DeletionNoticeOptions {
  readonly link: Link;
  readonly session: Session;
  readonly fields: ListFields;
  readonly done: Done;
}

/** Says what was done, and has the focus. A conversation that was deleted can be restored for a while. */
export function deletionNotice({ link, session, fields, done }: DeletionNoticeOptions): Html {
  const tone = done.kind === "gone" ? "warn" : "good";
  const id = done.kind === "deleted" ? done.id : undefined;
  return html`<form
    method="post"
    action="${id !== undefined && link(restorePath(id, fields))}"
    class="notice ${tone}"
    role="status"
    tabindex="-1"
    autofocus
  >
    ${SENTENCES[done.kind]} ${id !== undefined && html`${formToken(session)}<button>Undo</button>`}
  </form>`;
}
