const MINTED = /^s_[A-Za-z0-9_-]{22}$/;

/** True for an id of the form that only the server makes: `s_` and 128 random bits in base64url. */
export function isMintedSessionId(sessionId: string): boolean {
  return MINTED.test(sessionId);
}
