/** Writes to the browser's console, for the owner of the page. */
export function print(text: unknown, isError?: boolean): void {
  console[isError ? "error" : "warn"](`[chatporch] ${text}`);
}
