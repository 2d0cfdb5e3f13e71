/**
 * The answer to HEAD for a route whose GET sends a stream. The length is not known, and without this header Bun
 * would declare a length of 0.
 */
export function headResponse(headers: Readonly<Record<string, string>>): Response {
  return new Response(null, { headers: { ...headers, "transfer-encoding": "chunked" } });
}
