import { version } from "../../package.json";

/** This chatporch's version, from package.json. The compiled binary contains it. */
export const VERSION = version;
