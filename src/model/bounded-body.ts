import { cancelBody } from "./cancel-body.ts";

/**
 * The response with a body that ends after this many bytes, counted after decompression. A faulty or
 * hijacked server could otherwise fill the memory with an answer or an error that has no end.
 */
export function boundBody(response: Response, maxBytes: number): Response {
  const reader = response.body?.getReader();
  if (!reader) return response;
  let bytesLeft = maxBytes;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (value !== undefined) {
          controller.enqueue(value.subarray(0, bytesLeft));
          bytesLeft -= value.byteLength;
        }
        if (!done && bytesLeft > 0) return;
        controller.close();
        if (!done) await cancelBody(reader);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}
