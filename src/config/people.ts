import type { SettingGroup } from "./setting-group.ts";

/** When a visitor is offered to reach a person. `poor`: after an answer that was not a good one. */
export const PERSON_OFFERS = ["always", "poor", "off"] as const;
export type PersonOffer = (typeof PERSON_OFFERS)[number];

/** What visitors can tell the owner besides their questions. */
export interface PeopleSettings {
  /** Whether visitors can rate answers. */
  readonly hasRatings: boolean;
}

export const PEOPLE: SettingGroup<PeopleSettings> = {
  read: (reader) => ({
    hasRatings: reader.choice("RATINGS", ["on", "off"], "on") === "on",
  }),
  shown: {
    RATINGS: ({ hasRatings }) => (hasRatings ? "on" : "off"),
  },
  editable: ["RATINGS"],
};
