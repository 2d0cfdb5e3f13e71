import { CHAT_ICON, element, icon } from "../element.ts";

/** The id of the subtitle, by which the dialog refers to it. */
export const SUBTITLE_ID = "subtitle";

/**
 * What stands at the head of the panel: logo, title and subtitle. Without a logo, or where it does not load, there is the
 * first letter of the owner's title, or else an icon.
 * @param ownTitle what the owner calls the chat; undefined: nothing
 */
export function createHeading(
  title: string,
  ownTitle: string | undefined,
  subtitle: string,
  logo: string | undefined,
): HTMLElement {
  // Not split in code units, of which an emoji has several.
  const [initial] = ownTitle ?? "";
  const avatar = element(
    "span",
    { className: "avatar", ariaHidden: "true" },
    initial?.toUpperCase() ?? icon(CHAT_ICON),
  );
  return element(
    "div",
    { className: "heading" },
    logo ? logoImage(logo, avatar) : avatar,
    element(
      "div",
      { className: "names" },
      element("h2", { className: "title", dir: "auto" }, title),
      element("div", { id: SUBTITLE_ID, dir: "auto" }, subtitle),
    ),
  );
}

/** The title stands beside it, so it needs no name of its own. Its server does not learn which page shows it. */
function logoImage(src: string, fallback: HTMLElement): HTMLElement {
  return element("img", {
    className: "avatar",
    alt: "",
    referrerPolicy: "no-referrer",
    // A policy of the page can forbid it, too.
    onerror: ({ target }: Event) => (target as HTMLElement).replaceWith(fallback),
    src,
  });
}
