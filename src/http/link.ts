/** The address of a page or a file of this server, as a browser has to ask for it. */
export type Link = (path: string) => string;

/** @param basePath the path of PUBLIC_URL, under which everything stands; empty where there is none */
export function createLink(basePath: string): Link {
  return (path) => basePath + path;
}
