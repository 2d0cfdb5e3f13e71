import type { Advice } from "./advice.ts";
import type { DatabaseSettings } from "./database.ts";
import type { SettingReader } from "./setting-reader.ts";

/** Advice on settings that have no effect on the database in use. */
export function adviseOnUnusedSettings(reader: SettingReader, { url }: DatabaseSettings): Advice[] {
  const isUnused = ({ isForFile, name }: (typeof OF_ONE_KIND)[number]) =>
    isForFile === (url !== undefined) && reader.text(name) !== undefined;
  return OF_ONE_KIND.filter(isUnused).map(({ name, says, mend }) => ({
    id: "unused-setting",
    severity: "hint",
    says: `${name} has no effect: ${says}`,
    mend,
  }));
}

const OF_ONE_KIND = [
  {
    name: "DATABASE_PATH",
    isForFile: true,
    says: "conversations are in PostgreSQL (DATABASE_URL), and those in the file are not shown.",
    mend: "Move them with chatporch migrate if you have not, then remove DATABASE_PATH.",
  },
  {
    name: "DATABASE_SYNC",
    isForFile: true,
    says: "PostgreSQL decides when a commit waits for the disk (synchronous_commit).",
    mend: "Remove DATABASE_SYNC.",
  },
  {
    name: "DATABASE_CONNECTIONS",
    isForFile: false,
    says: "it is for PostgreSQL, and DATABASE_URL is not set.",
    mend: "Remove DATABASE_CONNECTIONS, or set DATABASE_URL.",
  },
] as const;
