/**
 * Says why a request failed, for the owner of the page.
 * @param code the error's, from the server or one of the widget's own
 */
export function adviceOn(code: string): string {
  const advice: Partial<Record<string, string>> = {
    unauthorized: "does not know this data-api-key",
    origin_not_allowed: `refuses this website: allow ${location.origin} in its dashboard, or add it to CORS_ORIGIN`,
    not_set_up: "has no model yet: see its dashboard",
    not_chatporch: "is not chatporch: see data-api-url",
    unreachable: "cannot be reached: is it up, and in connect-src?",
  };
  return advice[code] ?? `answers ${code}`;
}
