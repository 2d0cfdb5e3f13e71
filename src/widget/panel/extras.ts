/**
 * What few visits need: a file of its own beside the panel, which loads it when it needs something of it. The server may
 * have another version of it by now, so it knows nothing of the panel's objects: it takes texts and elements.
 */
export { highlight } from "../markdown/highlight.ts";
export { adviceOn } from "./advice.ts";
export { awaitGreeting } from "./greeting.ts";
export { meetPeople } from "./meet-people.ts";
export { saveTranscript } from "./transcript.ts";
export { CODE_COLOURS as codeColours } from "./styles/code-colours.ts";
