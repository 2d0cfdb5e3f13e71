import { version } from "../../package.json";

/** The version of this chatporch, from package.json, also in the compiled binary. */
export const VERSION = version;
