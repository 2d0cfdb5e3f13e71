/** Text that nobody can guess: random bytes as base64url, of a length that fits what it is for. */
export function randomText(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return random.toBase64({ alphabet: "base64url", omitPadding: true });
}
