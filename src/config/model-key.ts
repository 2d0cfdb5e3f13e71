import { HEADER_SAFE, type SettingReader } from "./setting-reader.ts";

export const EXAMPLE_KEY = "sk-your-own-key";

/** Reads the key for the server of a model. It travels in a header. */
export function readModelKey(reader: SettingReader, name: string): string | undefined {
  const key = reader.secret(name);
  if (key !== undefined && !HEADER_SAFE.test(key)) {
    reader.refuse(name, "has characters that cannot travel in a header", EXAMPLE_KEY);
  }
  return key;
}
