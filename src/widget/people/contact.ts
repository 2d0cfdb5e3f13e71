/** How a person can reach a visitor. */
export interface Contact {
  readonly kind: "email" | "phone";
  readonly value: string;
}

const EMAIL = /^[^\s@,;<>"]+@[^\s@,;<>"]+\.[^\s@,;<>".]{2,}$/;
const PHONE = /^[\d +()/-]+$/;

/** Undefined for a text that is neither an e-mail address nor a phone number. */
export function contactIn(text: string): Contact | undefined {
  const value = text.trim();
  const digits = value.replace(/\D/g, "").length;
  if (EMAIL.test(value) && value.length <= 254) return { kind: "email", value };
  if (PHONE.test(value) && digits >= 5 && digits <= 20) return { kind: "phone", value };
  return undefined;
}
