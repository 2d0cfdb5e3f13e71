import { type OriginPattern, originText, parseOriginPattern } from "../net/origin.ts";
import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** The websites that may use the server. */
export interface OriginSettings {
  /** `"*"` allows every origin; production refuses it. Empty: no website. */
  readonly allowed: "*" | readonly OriginPattern[];
}

export const ORIGINS: SettingGroup<OriginSettings> = {
  read: (reader, environment) => ({
    allowed: readCorsOrigins(reader, environment === "production"),
  }),
  shown: {
    CORS_ORIGIN: ({ allowed }) => (allowed === "*" ? "*" : namesOf(allowed)),
  },
  editable: ["CORS_ORIGIN"],
};

function namesOf(allowed: readonly OriginPattern[]): string {
  return allowed.length === 0 ? "no website" : allowed.map(originText).join(", ");
}

function readCorsOrigins(reader: SettingReader, isProduction: boolean): OriginSettings["allowed"] {
  const example = "https://www.example.com,https://*.example.org";
  const entries = reader.list("CORS_ORIGIN");
  if (entries.length === 0) {
    if (!isProduction) return "*";
    reader.refuseExample("CORS_ORIGIN", example);
    return [];
  }
  if (entries.includes("*")) {
    if (isProduction) {
      reader.refuse("CORS_ORIGIN", "must name your websites in production, not *", example);
    }
    return "*";
  }
  const patterns: OriginPattern[] = [];
  for (const entry of entries) {
    const pattern = parseOriginPattern(entry);
    if (pattern) patterns.push(pattern);
    else {
      reader.refuse(
        "CORS_ORIGIN",
        "has an entry that is not an exact origin (scheme and host, no path, no trailing slash)",
        example,
      );
    }
  }
  return patterns;
}
