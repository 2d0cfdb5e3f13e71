import type { Language } from "../language.ts";

/** How moments are written. All take milliseconds since 1970. */
export interface Moments {
  /** `10:42` */
  time(moment: number): string;
  /** `26 November 2026` */
  day(moment: number): string;
  /** `26 November 2026 at 10:42` */
  full(moment: number): string;
}

/** In the panel's language, as it is written where the visitor is, and in his time zone. */
export function momentsIn(language: Language): Moments {
  const own = navigator.languages.find((each) => each.toLowerCase().startsWith(language));
  const written = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(own ?? language, options);
    return (moment: number) => format.format(moment);
  };
  return {
    time: written({ timeStyle: "short" }),
    day: written({ dateStyle: "long" }),
    full: written({ dateStyle: "long", timeStyle: "short" }),
  };
}
