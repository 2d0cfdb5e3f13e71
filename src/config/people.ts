import {
  type OpeningHours,
  OpeningHoursError,
  parseOpeningHours,
} from "../runtime/opening-hours.ts";
import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** When a visitor is offered to reach a person. `poor`: after an answer that was not a good one. */
export const PERSON_OFFERS = ["always", "poor", "off"] as const;
export type PersonOffer = (typeof PERSON_OFFERS)[number];

/** What visitors can tell the owner besides their questions, and how he answers. */
export interface PeopleSettings {
  /** Whether visitors can rate answers. */
  readonly hasRatings: boolean;
  readonly person: PersonOffer;
  /** When somebody is there. Undefined: nothing is promised. */
  readonly hours: OpeningHours | undefined;
  /** The sentence to which a visitor agrees who leaves his address. Undefined: the widget's own. */
  readonly consent: string | undefined;
  /** The name under which the owner writes to visitors. */
  readonly name: string;
}

const DEFAULT_NAME = "Team";
/** What a name may have that the owner writes under. */
export const MAX_PERSON_NAME = 60;
const EXAMPLE_HOURS = "Mo-Fr 09:00-17:00 Europe/Berlin";
/** What a request may have: the sentence that was shown is stored with it. */
export const MAX_CONSENT = 500;

export const PEOPLE: SettingGroup<PeopleSettings> = {
  read: (reader) => ({
    hasRatings: reader.choice("RATINGS", ["on", "off"], "on") === "on",
    person: reader.choice("PERSON", PERSON_OFFERS, "off"),
    hours: readHours(reader),
    consent: readLine(reader, "PERSON_CONSENT", MAX_CONSENT, "You may write to me about this."),
    name: readLine(reader, "PERSON_NAME", MAX_PERSON_NAME, "Mia from the shop") ?? DEFAULT_NAME,
  }),
  shown: {
    RATINGS: ({ hasRatings }) => (hasRatings ? "on" : "off"),
    PERSON: ({ person }) => person,
    HOURS: ({ hours }) => hours?.text ?? "not set",
    PERSON_CONSENT: ({ consent }) => consent ?? "not set",
    PERSON_NAME: ({ name }) => name,
  },
  editable: ["RATINGS", "PERSON", "HOURS", "PERSON_CONSENT", "PERSON_NAME"],
};

function readHours(reader: SettingReader): OpeningHours | undefined {
  const text = reader.text("HOURS");
  if (text === undefined) return undefined;
  try {
    return parseOpeningHours(text);
  } catch (error) {
    if (!(error instanceof OpeningHoursError)) throw error;
    reader.refuse("HOURS", error.message, EXAMPLE_HOURS);
    return undefined;
  }
}

/** A text without line ends. */
function readLine(
  reader: SettingReader,
  name: string,
  maxLength: number,
  example: string,
): string | undefined {
  const text = reader.text(name)?.replaceAll(/\s+/g, " ");
  if (text !== undefined && text.length > maxLength) {
    reader.refuse(name, `has more than ${maxLength} characters`, example);
  }
  return text;
}
