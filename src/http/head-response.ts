/**
 * The answer to HEAD where the body that GET would send is a stream. Its length is not known before it is
 * sent; Bun would say that it is 0.
 */
export function headResponse(headers: Readonly<Record<string, string>>): Response {
  return new Response(null, { headers: { ...headers, "transfer-encoding": "chunked" } });
}
