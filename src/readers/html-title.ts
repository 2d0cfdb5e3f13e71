/** What stands between the name of a page and the name of its website. */
const SEPARATOR = /^\s*[|–—·•»«:/-]\s|^\s+[|–—·•»«:/-]/u;

/**
 * The title of a page without the name of its website: "Shipping | Example Shop" is "Shipping" where that is a heading
 * of the page, too. A page without a name has the one of its first heading.
 */
export function titleOf(name: string, topHeadings: readonly string[]): string {
  if (name === "") return topHeadings[0] ?? "";
  const begins = (heading: string) =>
    name.startsWith(heading) && SEPARATOR.test(name.slice(heading.length));
  return topHeadings.find(begins) ?? name;
}
