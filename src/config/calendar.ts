import { isTimeZone, UTC } from "../runtime/local-days.ts";
import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** When a day begins for the owner. */
export interface CalendarSettings {
  /** The name of a time zone, such as `Europe/Berlin`. */
  readonly timeZone: string;
}

const EXAMPLE_TIME_ZONE = "Europe/Berlin";

export const CALENDAR: SettingGroup<CalendarSettings> = {
  read: readCalendarSettings,
  shown: {
    TIME_ZONE: ({ timeZone }) => timeZone,
  },
  editable: ["TIME_ZONE"],
};

function readCalendarSettings(reader: SettingReader): CalendarSettings {
  const timeZone = reader.word("TIME_ZONE", EXAMPLE_TIME_ZONE) ?? UTC;
  if (isTimeZone(timeZone)) return { timeZone };
  reader.refuse("TIME_ZONE", "is not the name of a time zone", EXAMPLE_TIME_ZONE);
  return { timeZone: UTC };
}
