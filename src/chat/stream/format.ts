import type { StreamFormat } from "../../config/turns.ts";
import type { StreamEncoder } from "./encoder.ts";
import { ndjsonEncoder } from "./ndjson.ts";
import { sseEncoder } from "./sse.ts";

const FORMAT_OF_MEDIA_TYPE = new Map<string, StreamFormat>([
  ["text/event-stream", "sse"],
  ["application/x-ndjson", "ndjson"],
  ["application/ndjson", "ndjson"],
]);

/** The format that the Accept header prefers, or the fallback when it names neither format. */
export function chooseEncoder(accept: string | null, fallback: StreamFormat): StreamEncoder {
  let chosen = fallback;
  let best = 0;
  for (const range of accept?.split(",") ?? []) {
    const [mediaType = "", ...parameters] = range
      .split(";")
      .map((part) => part.trim().toLowerCase());
    const format = FORMAT_OF_MEDIA_TYPE.get(mediaType);
    const quality = qualityOf(parameters);
    if (format === undefined || quality <= best) continue;
    chosen = format;
    best = quality;
  }
  return chosen === "sse" ? sseEncoder : ndjsonEncoder;
}

/** The `q` of a media range (RFC 9110, section 12.4.2); 1 when there is none or it is malformed. */
function qualityOf(parameters: readonly string[]): number {
  const value = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  const quality = Number(value ?? 1);
  return quality >= 0 && quality <= 1 ? quality : 1;
}
