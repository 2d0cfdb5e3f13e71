/** Files that are no pages, by the ends of their names. Links to them are not followed, without a word. */
const NO_PAGES =
  /\.(?:7z|aac|apk|avi|avif|bin|bmp|bz2|css|deb|dmg|eot|exe|flac|gif|gz|ico|ics|iso|jar|jpe?g|js|json|m4a|m4v|map|mjs|mov|mp3|mp4|mpe?g|msi|ogg|otf|png|ppt|rar|rpm|rss|svg|tar|tgz|tiff?|ttf|wav|wasm|webm|webmanifest|webp|woff2?|xls|xml|xz|zip)$/i;
const DOCUMENTS = /\.(pdf|docx|odt|rtf|pptx|xlsx|epub)$/i;

/** Whether a link leads to what cannot be a page of text. */
export function isNoPage({ pathname }: URL): boolean {
  return NO_PAGES.test(pathname);
}

/** Why a document is not read in the server, as a sentence for the owner. Undefined: it may be a page. */
export function refuseDocument({ pathname }: URL): string | undefined {
  const kind = DOCUMENTS.exec(pathname)?.[1]?.toLowerCase();
  if (kind === undefined) return undefined;
  return kind === "pdf" || kind === "docx"
    ? `It is a file, not a page. The command “chatporch learn FILE” reads it.`
    : `It is a file, not a page (.${kind}).`;
}
