import { crc32, deflateRawSync } from "node:zlib";

/** Files that the tests read, made as the programs make them whose files they are. */

interface Entry {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Sets the flag that says so; nothing is encrypted. */
  readonly isEncrypted?: boolean;
  readonly isStored?: boolean;
}

/** A zip archive. */
export function makeZip(entries: readonly Entry[]): Uint8Array {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { path, content, isEncrypted = false, isStored = false } of entries) {
    const bytes = Buffer.from(content);
    const packed = isStored ? bytes : deflateRawSync(bytes);
    const name = Buffer.from(path);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(isEncrypted ? 1 : 0, 8);
    entry.writeUInt16LE(isStored ? 0 : 8, 10);
    entry.writeUInt32LE(crc32(bytes), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(bytes.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    files.push(head, name, packed);
    directory.push(entry, name);
    at += head.length + name.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, central, end]);
}

/** A document of Word with this body, the styles `Titel`, `berschrift1` and `berschrift2`, and a title. */
export function makeDocx(body: string, title = ""): Uint8Array {
  const style = (id: string, name: string, more = "") =>
    `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/>${more}</w:style>`;
  return makeZip([
    {
      path: "word/document.xml",
      content: `<?xml version="1.0"?><w:document><w:body>${body}</w:body></w:document>`,
    },
    {
      path: "word/styles.xml",
      content: `<w:styles>${style("Titel", "Title")}${style("berschrift1", "heading 1")}${style("Own", "My own", '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>')}</w:styles>`,
    },
    {
      path: "docProps/core.xml",
      content: `<cp:coreProperties><dc:title>${title}</dc:title></cp:coreProperties>`,
    },
  ]);
}

/** A PDF with these pages, each of lines: size of the letters, and text. */
export function makePdf(
  pages: readonly (readonly (readonly [number, string])[])[],
  trailer = "",
): Uint8Array {
  const objects: string[] = [];
  const kids = pages.map((_page, index) => `${4 + index * 2} 0 R`).join(" ");
  objects.push(
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  );
  for (const [index, lines] of pages.entries()) {
    let y = 800;
    const drawn = lines.map(([size, text]) => {
      y -= size * 1.2;
      return `BT /F1 ${size} Tf 50 ${y} Td (${text}) Tj ET`;
    });
    const stream = drawn.join("\n");
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${5 + index * 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    );
  }
  let pdf = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const at = pdf.length;
    pdf += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const start = pdf.length;
  pdf += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  pdf += places.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("");
  pdf += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${start}\n%%EOF`;
  return new TextEncoder().encode(pdf);
}
