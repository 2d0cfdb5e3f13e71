import { element } from "../element.ts";
import type { PanelSettings } from "./panel-settings.ts";
import type { Sentences } from "./sentences.ts";

/** The id of the sentence, by which the input refers to it. */
export const DISCLOSURE_ID = "ai";

/** The line under the input: that an AI answers (EU AI Act, article 50), and the owner's page on privacy. */
export function createDisclosure(t: Sentences, settings: PanelSettings): HTMLElement {
  const { notice = t.notice, privacyUrl } = settings;
  const sentence = /^off$/i.test(notice) ? "" : notice;
  return element(
    "p",
    { hidden: !sentence && !privacyUrl },
    element("span", { id: DISCLOSURE_ID, dir: "auto" }, sentence),
    " ",
    element(
      "a",
      { hidden: !privacyUrl, href: privacyUrl, rel: "noopener", target: "_blank" },
      t.privacy,
    ),
  );
}
