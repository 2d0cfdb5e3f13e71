import { contextOf } from "../http/request-context.ts";
import type { RedactionInForce } from "../redaction/redaction.ts";

/** The texts that visitors write. A contact address is none: it is there to be read. */
const TEXTS = ["message", "question", "comment", "note"] as const;

/**
 * The hook between the checks of a body and its handler: what the owner does not want to have is taken out of the visitor's
 * texts. So no handler, and nothing behind it, ever has it, but for the message that only the model gets.
 */
export function redactTexts(redaction: RedactionInForce) {
  return async ({ body, request }: { body: unknown; request: Request }): Promise<void> => {
    if (typeof body !== "object" || body === null) return;
    const redactor = await redaction();
    if (redactor === undefined) return;
    for (const name of TEXTS) {
      const sent: unknown = Reflect.get(body, name);
      if (typeof sent !== "string") continue;
      const stored = redactor.redact(sent);
      if (stored === sent) continue;
      Reflect.set(body, name, stored);
      if (name === "message" && redactor.isForStorageOnly) contextOf(request).original = sent;
    }
  };
}
