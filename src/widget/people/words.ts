import type { EN } from "./languages/en.ts";

/** Everything that ratings and people say, in one language. */
export type Words = Readonly<Record<keyof typeof EN, string>>;

export type WordsByLanguage = Readonly<Record<string, Words>>;
