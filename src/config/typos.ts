import type { Advice } from "./advice.ts";
import { SETTING_NAMES } from "./groups.ts";
import { editDistance, nearest } from "./nearest-word.ts";
import type { Env } from "./setting-reader.ts";

/** Finds unknown variables that look like our settings. Otherwise a typo would silently mean the default. */
export function findTypos(env: Env): Advice[] {
  const advice: Advice[] = [];
  for (const name of Object.keys(env)) {
    if (SETTING_NAMES.includes(name)) continue;
    const meant = nearest(
      name,
      SETTING_NAMES.filter((setting) => isTypoOf(name, setting)),
    );
    if (meant === undefined) continue;
    advice.push({
      id: "unknown-setting",
      severity: "warning",
      says: `${name} is not a setting.`,
      mend: `Did you mean ${meant}?`,
    });
  }
  return advice;
}

/** Short names such as PORT are one edit away from too many unrelated names. */
const MIN_TYPO_LENGTH = 8;
const MAX_TYPO_EDITS = 2;

function isTypoOf(name: string, setting: string): boolean {
  if (name.length < MIN_TYPO_LENGTH || setting.length < MIN_TYPO_LENGTH) return false;
  const written = name.toUpperCase();
  if (isShortenedFrom(written, setting)) return true;
  // The distance is at least the difference in length. Checking that first avoids most of the slow work.
  if (Math.abs(written.length - setting.length) > MAX_TYPO_EDITS) return false;
  return editDistance(written, setting) <= MAX_TYPO_EDITS;
}

/** Finds names with missing words, such as WIDGET_KEY for WIDGET_API_KEY. */
function isShortenedFrom(written: string, setting: string): boolean {
  const words = written.split("_");
  return words.length > 1 && words.every((word) => setting.split("_").includes(word));
}
