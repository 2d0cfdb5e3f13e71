import { decodeEntities } from "./html-entities.ts";

/** A token of XML. Names keep their prefix, as in `w:p`. An element without content is a start and an end. */
export type XmlToken =
  | { readonly kind: "start"; readonly name: string; readonly attributes: string }
  | { readonly kind: "end"; readonly name: string }
  | { readonly kind: "text"; readonly text: string };

const NAME = /[^\s/>]+/y;

/** The tokens of an XML text, without declarations and comments. What is malformed is left out. */
export function* readXml(xml: string): Generator<XmlToken> {
  let at = 0;
  while (at < xml.length) {
    const open = xml.indexOf("<", at);
    const textEnd = open === -1 ? xml.length : open;
    if (textEnd > at) yield { kind: "text", text: decodeEntities(xml.slice(at, textEnd)) };
    if (open === -1) return;
    if (xml.startsWith("<![CDATA[", open)) {
      const end = endOf(xml, "]]>", open);
      yield { kind: "text", text: xml.slice(open + "<![CDATA[".length, end - "]]>".length) };
      at = end;
    } else if (xml.startsWith("<!--", open)) at = endOf(xml, "-->", open + 4);
    else {
      const end = endOf(xml, ">", open);
      yield* tagOf(xml.slice(open + 1, end - 1));
      at = end;
    }
  }
}

/** The value of an attribute, such as `w:val`. */
export function attributeOf(attributes: string, name: string): string | undefined {
  const at = attributes.indexOf(`${name}=`);
  const quote = at === -1 ? "" : (attributes[at + name.length + 1] ?? "");
  if (quote !== '"' && quote !== "'") return undefined;
  const start = at + name.length + 2;
  const end = attributes.indexOf(quote, start);
  return end === -1 ? undefined : decodeEntities(attributes.slice(start, end));
}

function* tagOf(tag: string): Generator<XmlToken> {
  if (tag.startsWith("?") || tag.startsWith("!")) return;
  const isEnd = tag.startsWith("/");
  NAME.lastIndex = isEnd ? 1 : 0;
  const name = NAME.exec(tag)?.[0];
  if (name === undefined) return;
  if (isEnd) {
    yield { kind: "end", name };
    return;
  }
  yield { kind: "start", name, attributes: tag.slice(name.length) };
  if (tag.endsWith("/")) yield { kind: "end", name };
}

function endOf(xml: string, sign: string, from: number): number {
  const at = xml.indexOf(sign, from);
  return at === -1 ? xml.length + sign.length : at + sign.length;
}
