import type { Language } from "../../language.ts";
import type { Words } from "../words.ts";
import { AR } from "./ar.ts";
import { DE } from "./de.ts";
import { EN } from "./en.ts";
import { ES } from "./es.ts";
import { FR } from "./fr.ts";
import { HE } from "./he.ts";
import { IT } from "./it.ts";
import { JA } from "./ja.ts";
import { KO } from "./ko.ts";
import { NL } from "./nl.ts";
import { PL } from "./pl.ts";
import { PT } from "./pt.ts";
import { RU } from "./ru.ts";
import { TR } from "./tr.ts";
import { UK } from "./uk.ts";
import { ZH_HANT } from "./zh-hant.ts";
import { ZH } from "./zh.ts";

/** What ratings and people say, in every language. */
export const ALL: Readonly<Record<Language, Words>> = {
  en: EN,
  de: DE,
  es: ES,
  fr: FR,
  it: IT,
  pt: PT,
  ja: JA,
  ar: AR,
  nl: NL,
  pl: PL,
  tr: TR,
  ru: RU,
  uk: UK,
  ko: KO,
  zh: ZH,
  "zh-hant": ZH_HANT,
  he: HE,
};
