/** What a message costs beside its text: its role and its borders. */
const TOKENS_PER_MESSAGE = 4;
/**
 * Tokenizers take some four bytes of English, three of code, four of Cyrillic (two letters) and three of
 * Chinese or Japanese (one character) for a token. Three are on the safe side, and cost nothing to count.
 */
const BYTES_PER_TOKEN = 3;

/** About how many tokens a message takes up in a prompt, whatever its language. */
export function estimateTokens(text: string): number {
  return TOKENS_PER_MESSAGE + Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}
