const LOOPBACK = /^(?:127\.[\d.]+|\[?::1\]?|localhost|.+\.localhost)$/i;

/** Whether a host name or address always means the machine itself. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
