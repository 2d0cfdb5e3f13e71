/** In characters. A longer one is not an address that people use. */
export const MAX_ADDRESS_LENGTH = 2000;

/** Whether visitors may see it as a link: http or https, without a user and a password, and not too long. */
export function isWebAddress({ protocol, username, password, href }: URL): boolean {
  if (protocol !== "https:" && protocol !== "http:") return false;
  return username === "" && password === "" && href.length <= MAX_ADDRESS_LENGTH;
}

/** An address that visitors may see. Undefined: it is none. */
export function webAddress(text: string | undefined): string | undefined {
  if (text === undefined || text.length > MAX_ADDRESS_LENGTH) return undefined;
  const url = URL.parse(text);
  return url !== null && isWebAddress(url) ? url.href : undefined;
}
