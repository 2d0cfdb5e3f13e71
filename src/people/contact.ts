import type { Contact } from "../store/request-store.ts";

/**
 * One e-mail address as people have it (a part of RFC 5321): no list, no name beside it, no quotes, no line end, so that
 * it stays one address in a header and in a link.
 */
const EMAIL =
  /^[a-z0-9_+'~-]+(?:\.[a-z0-9_+'~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/i;
/** RFC 5321, sections 4.5.3.1.1 to 4.5.3.1.3. */
const MAX_EMAIL = 254;
const MAX_LOCAL_PART = 64;
const MAX_LABEL = 63;

const PHONE = /^[0-9 +()/-]{1,40}$/;
const MIN_DIGITS = 5;
/** E.164. A longer number may be that of a card. */
const MAX_DIGITS = 15;

/** What is wrong with a contact, as the end of a sentence that does not repeat it. Undefined: nothing. */
export function contactProblem({ kind, value }: Contact): string | undefined {
  if (kind === "email") return isEmail(value) ? undefined : "is not one e-mail address";
  const digits = value.replaceAll(/\D/g, "").length;
  const isPhone = PHONE.test(value) && digits >= MIN_DIGITS && digits <= MAX_DIGITS;
  return isPhone ? undefined : `is not a phone number of ${MIN_DIGITS} to ${MAX_DIGITS} digits`;
}

function isEmail(value: string): boolean {
  if (value.length > MAX_EMAIL || !EMAIL.test(value)) return false;
  const [local = "", domain = ""] = value.split("@");
  return local.length <= MAX_LOCAL_PART && domain.split(".").every(isLabel);
}

function isLabel(label: string): boolean {
  return label.length <= MAX_LABEL;
}

/** A contact that its owner recognises, and that tells others little: `a…@example.com`, `…89`. */
export function maskContact({ kind, value }: Contact): string {
  if (kind === "email") return `${value.slice(0, 1)}…${value.slice(value.indexOf("@"))}`;
  return `…${value.replaceAll(/\D/g, "").slice(-2)}`;
}
