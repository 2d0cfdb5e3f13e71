const MINTED = /^s_[A-Za-z0-9_-]{22}$/;

/** Whether the id has the form that the server gives to its own: `s_` and 128 random bits in base64url. */
export function isMintedSessionId(sessionId: string): boolean {
  return MINTED.test(sessionId);
}
