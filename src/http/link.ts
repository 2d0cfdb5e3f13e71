/** Returns the address of a page or file of this server, as a browser has to request it. */
export type Link = (path: string) => string;

/** @param basePath the path of PUBLIC_URL, under which everything is; empty if it has none */
export function createLink(basePath: string): Link {
  return (path) => basePath + path;
}
