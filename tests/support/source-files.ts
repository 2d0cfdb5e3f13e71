import { Glob } from "bun";

export interface SourceFile {
  /** The path relative to the folder that was read. */
  readonly path: string;
  readonly text: string;
}

const ROOT = new URL("../../", import.meta.url).pathname;

/** Every TypeScript file of the product, or of another folder, in the order of their paths. */
export async function readSourceFiles(folder = "src"): Promise<SourceFile[]> {
  const top = `${ROOT}${folder}/`;
  const paths = (await Array.fromAsync(new Glob("**/*.{ts,tsx}").scan(top))).toSorted();
  return Promise.all(
    paths.map(async (path) => ({ path, text: await Bun.file(top + path).text() })),
  );
}

/** The code with comments and the contents of strings blanked out; line numbers stay the same. */
export function withoutCommentsAndText(code: string): string {
  const blank = (text: string) => text.replaceAll(/[^\n]/g, " ");
  const parts = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
  return code.replaceAll(parts, (part) => {
    if (part.startsWith("/")) return blank(part);
    const quote = part.charAt(0);
    return quote + blank(part.slice(1, -1)) + quote;
  });
}
