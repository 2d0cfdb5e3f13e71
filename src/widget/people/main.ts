import type { CreatePeople } from "./contract.ts";
import { peopleIn } from "./people.ts";
import type { WordsByLanguage } from "./words.ts";

// The server puts these behind this code, as it does with the panel's.

/** What is said, in the language of the file's name. */
declare const SENTENCES: WordsByLanguage;
declare const STYLES: string;

/** Shows ratings, and the people that a visitor can reach: a file beside the panel, which may be of another version. */
export const createPeople: CreatePeople = (host, settings) =>
  peopleIn(SENTENCES, STYLES)(host, settings);
