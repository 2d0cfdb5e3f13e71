import { randomNumbers } from "../../harness/random-numbers.ts";

/** Texts and searches in many scripts, the same in every run. */

const random = randomNumbers(12_345);
const below = (count: number) => Math.floor(random() * count);
/** The first ones are taken far more often than the last ones, as the words of a real text. */
const zipf = (count: number) => Math.min(count - 1, Math.floor((count + 1) ** random() - 1));
const pick = <Each>(from: readonly Each[], index: (count: number) => number = below): Each => {
  const picked = from[index(from.length)];
  if (picked === undefined) throw new Error("Nothing to pick from.");
  return picked;
};
const times = <Each>(count: number, make: (index: number) => Each): Each[] =>
  Array.from({ length: count }, (_, index) => make(index));

const SYLLABLES =
  "ba re ti no ka mo sha len dor vi pre con ing er al üb é ñu ö tra ёл ка σί ρας ду कि ता".split(
    " ",
  );
const VOCABULARY = times(30_000, () => times(1 + below(4), () => pick(SYLLABLES)).join(""));
const HAN = times(1500, (index) => String.fromCodePoint(0x4e00 + index * 7));

const EXTRAORDINARY = [
  "Straße über naïve façade",
  "İstanbul'da kahve",
  "O’Neill don't re-order foo.bar@example.com http://x.y/z?a=b 10.5 -3 1,000",
  "Ελληνικά ΣΊΣΥΦΟΣ οδός",
  "Привет Ёлка",
  "日本語とEnglish混在テスト ガイド ｶﾞｲﾄﾞ",
  "ไทยภาษา test ร้านเปิดกี่โมง",
  "emoji 😀 word🪿refund🥰now ₽500",
  "한국어 검색 테스트",
  "العربية بحث مُحَمَّد ســـلام",
  "𝒳 math 𠀀 han-ext Ⓐ ①",
  "naïve NAÏVE nai\u0308ve re\u00adfund",
  "ﬁne ligature Ⅷ ½ ﷺ",
  "a\tb\nc x_y snake_case __init__ it's 'quoted' \"both\" back\\slash a:b & | ! ( ) <-> *",
  "हिन्दी मुझे आती है שָׁלוֹם",
  "one\ud800two\ud800 three",
  // More positions of a word, and more positions, than PostgreSQL keeps.
  `${"営".repeat(300)}業時間は9時から`,
  `${times(17_000, (index) => pick(HAN, () => index % 1500)).join("")}返品できますか？`,
];

function sentence(): string {
  const words = times(5 + below(60), () => {
    const word = pick(VOCABULARY, zipf);
    const kind = random();
    if (kind < 0.1) return word.toUpperCase();
    if (kind < 0.13) return `${word}-${pick(VOCABULARY, zipf)}`;
    if (kind < 0.16) return word + below(1000);
    return kind < 0.19 ? word + pick(HAN, zipf) + pick(HAN, zipf) : word;
  });
  return `${words.join(" ")}${random() < 0.3 ? "?" : "."}`;
}

const hanSentence = () =>
  times(10 + below(120), () => (random() < 0.05 ? "。" : pick(HAN, zipf))).join("");

export const TEXTS: readonly string[] = [
  ...EXTRAORDINARY,
  ...times(1500, () => (random() < 0.2 ? hanSentence() : sentence())),
];

const han = () => pick(HAN.slice(0, 40));

function search(): string {
  const kind = random();
  const word = pick(VOCABULARY.slice(0, 3000));
  if (kind < 0.3) return word;
  if (kind < 0.5) return word.slice(0, 3);
  if (kind < 0.7) return `${word} ${pick(VOCABULARY.slice(0, 300)).slice(0, 3)}`;
  if (kind < 0.8) return han();
  return kind < 0.95 ? han() + han() : han() + han() + han();
}

/** Parts of what is in the texts: from the middle of a word to the middle of another. */
function partOfText(): string {
  const text = pick(TEXTS);
  const start = below(text.length);
  return text.slice(start, start + 1 + below(24));
}

export const SEARCHES: readonly string[] = [
  ..."strass uber nai facade istanbul neill don t foo 10 3 σισυφοσ ελλην ёлка елка 日本 本語 テス 語とEnglish 混在テ ไทย ภาษา 한국 검색 بحث x_y snake init ﬁne fine ⅷ ½ 𠀀 NAIVE 😀 ガイド ｶﾞｲﾄﾞ محمد سلام refund 500 שלום हिन्दी a:b <-> * two one".split(
    " ",
  ),
  "営業",
  "営営営業時",
  "業時間は9",
  "時間か",
  "9時 返品で",
  "返品でき 丂",
  "re order",
  "example com",
  "1 000",
  "",
  " ",
  "'",
  "\\",
  "\0",
  "\ud800",
  "a & b | !c",
  ...times(400, search),
  ...times(150, partOfText),
];
