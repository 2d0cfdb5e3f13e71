/** How a person can reach a visitor. */
export interface Contact {
  readonly kind: "email" | "phone";
  readonly value: string;
}

/** As the server wants it (src/people/contact.ts), so that a visitor hears at once what is wrong. */
const EMAIL =
  /^[a-z0-9_+'~-]+(?:\.[a-z0-9_+'~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/i;
const PHONE = /^[0-9 +()/-]{1,40}$/;

/** Undefined for a text that is neither an e-mail address nor a phone number. */
export function contactIn(text: string): Contact | undefined {
  const value = text.trim();
  const digits = value.replace(/\D/g, "").length;
  if (EMAIL.test(value) && value.length <= 254) return { kind: "email", value };
  if (PHONE.test(value) && digits >= 5 && digits <= 15) return { kind: "phone", value };
  return undefined;
}
