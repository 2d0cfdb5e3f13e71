/** How far a declaration of the character set is looked for. */
const DECLARATION_BYTES = 4096;
const DECLARED =
  /<meta[^>]{0,300}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w-]{1,40})|<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w-]{1,40})/i;
const OF_CONTENT_TYPE = /;\s*charset\s*=\s*["']?\s*([\w-]{1,40})/i;

/**
 * Turns the bytes of a page or a file into text: by its byte order mark, by the Content-Type that it came with, by
 * what it declares itself, or else as UTF-8, or as windows-1252 when it is not UTF-8.
 */
export function decodeBytes(bytes: Uint8Array, contentType = ""): string {
  const marked = encodingOfMark(bytes);
  if (marked !== undefined) return marked.decode(bytes);
  const named = OF_CONTENT_TYPE.exec(contentType)?.[1] ?? declaredIn(bytes);
  const declared = named === undefined ? undefined : decoderFor(named);
  if (declared !== undefined) return declared.decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Whether it is no text at all, such as a picture with a wrong name. */
export function isBinary(text: string): boolean {
  return text.includes("\0");
}

function encodingOfMark([first, second, third]: Uint8Array): TextDecoder | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return new TextDecoder("utf-8");
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le");
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be");
  return undefined;
}

function declaredIn(bytes: Uint8Array): string | undefined {
  const beginning = new TextDecoder("latin1").decode(bytes.subarray(0, DECLARATION_BYTES));
  const [, ofMeta, ofXml] = DECLARED.exec(beginning) ?? [];
  const name = ofMeta ?? ofXml;
  // A declaration that can be read byte by byte is not in UTF-16, whatever it says (HTML standard, 13.2.3.2).
  return name !== undefined && /^utf-?16/i.test(name) ? "utf-8" : name;
}

/** Undefined for a name that nobody knows. */
function decoderFor(name: string): TextDecoder | undefined {
  try {
    return new TextDecoder(name as Bun.Encoding);
  } catch {
    return undefined;
  }
}
