/** Stops reading a body. This closes its connection, so it does not matter if the connection is broken already. */
export function cancelBody(reader: Pick<ReadableStreamDefaultReader, "cancel">): Promise<void> {
  return reader.cancel().catch(() => undefined);
}
