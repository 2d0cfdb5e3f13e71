import { parseEnvFile } from "../config/env-file.ts";

/** Values that every reader of such a file takes as they are. */
const PLAIN = /^[\w./:@%+,=*?&-]+$/;
/** Single quotes come first: in them, Docker Compose leaves `$` alone. */
const QUOTES = ["'", '"', "`"];

/** The line of `.env` that sets the variable. Undefined: no line can hold the value. */
export function envLine(name: string, value: string): string | undefined {
  const quoted = QUOTES.map((quote) => quote + value + quote);
  const written = PLAIN.test(value) ? [value] : quoted;
  // The server's own reader decides which one says what is meant.
  return written
    .map((each) => `${name}=${each}`)
    .find((line) => {
      const [read, ...others] = parseEnvFile(`${line}\n`);
      return others.length === 0 && read?.kind === "assignment" && read.value === value;
    });
}
