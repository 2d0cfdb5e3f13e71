/** What a message costs besides its text: its role and its delimiters. */
const TOKENS_PER_MESSAGE = 4;
/**
 * One token is about four bytes of English, three of code, four of Cyrillic (two letters) or three of
 * Chinese or Japanese (one character). Three bytes are a safe estimate, and cheap to compute.
 */
const BYTES_PER_TOKEN = 3;

/** About how many tokens a message uses in a prompt, in any language. */
export function estimateTokens(text: string): number {
  return tokensOfBytes(Buffer.byteLength(text));
}

/**
 * How many tokens a visitor's message uses at most: there are texts of which models make a token of each byte, such as
 * digits, or a script that a model does not know.
 */
export function mostTokens(text: string): number {
  return tokensOfBytes(0) + Buffer.byteLength(text);
}

/** The same as estimateTokens for a message of so many bytes of UTF-8. */
export function tokensOfBytes(bytes: number): number {
  return TOKENS_PER_MESSAGE + Math.ceil(bytes / BYTES_PER_TOKEN);
}
