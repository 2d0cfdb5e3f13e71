import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { decodeBytes } from "../../src/readers/decode-bytes.ts";

const ascii = (text: string) => Uint8Array.from(text, (sign) => sign.charCodeAt(0));

describe("the bytes of a page or a file", () => {
  test.each([
    ["UTF-8", new TextEncoder().encode("é"), "", "é"],
    [
      "UTF-8 with a mark, whatever is said of it",
      Uint8Array.of(0xef, 0xbb, 0xbf, 0xc3, 0xa9),
      "text/html; charset=latin1",
      "é",
    ],
    ["UTF-16 with a mark", Uint8Array.of(0xff, 0xfe, 0xe9, 0), "", "é"],
    ["UTF-16, the other way round", Uint8Array.of(0xfe, 0xff, 0, 0xe9), "", "é"],
    [
      "what the Content-Type says",
      Uint8Array.of(0x82, 0xa0),
      'text/html; Charset="Shift_JIS"',
      "あ",
    ],
    [
      "what the Content-Type says before what the page says",
      ascii("<meta charset=gbk>\xe9"),
      "text/html;charset=iso-8859-1",
      "<meta charset=gbk>é",
    ],
    [
      "what a meta element says",
      ascii("<meta http-equiv=x content='text/html; charset=windows-1251'>\xc6"),
      "text/html",
      "<meta http-equiv=x content='text/html; charset=windows-1251'>Ж",
    ],
    [
      "what XML says",
      ascii("<?xml version='1.0' encoding='euc-kr'?>\xb0\xa1"),
      "",
      "<?xml version='1.0' encoding='euc-kr'?>가",
    ],
    [
      "a meta element that cannot be true",
      ascii("<meta charset=utf-16>\xc3\xa9"),
      "",
      "<meta charset=utf-16>é",
    ],
    ["an unknown name", new TextEncoder().encode("é"), "text/html; charset=none-such", "é"],
    ["nothing, and no UTF-8", ascii("caf\xe9 \x80"), "", "café €"],
  ])("are read as %s", (_what, bytes, contentType, text) => {
    expect(decodeBytes(bytes, contentType)).toBe(text);
  });

  test("are read without an error, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (bytes, contentType) => {
        expect(typeof decodeBytes(bytes, contentType)).toBe("string");
      }),
    );
  });
});
