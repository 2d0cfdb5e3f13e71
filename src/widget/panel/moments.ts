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
  // Some browsers name a language that is none, such as en-US@posix, for which Intl throws.
  const locale = new RegExp(`^${language}(-[a-z\\d]{2,8})*$`, "i");
  const own = navigator.languages.find((each) => locale.test(each));
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
