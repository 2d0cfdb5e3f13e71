/** Whether what was sent is the right MAC, in a time that says nothing of where it differs. Both are ASCII. */
export function isSameMac(sent: string, mac: string): boolean {
  const expected = Buffer.from(mac);
  // What is shorter or longer is compared, too.
  const compared = Buffer.alloc(expected.length);
  compared.write(sent);
  return crypto.timingSafeEqual(compared, expected) && sent.length === mac.length;
}
