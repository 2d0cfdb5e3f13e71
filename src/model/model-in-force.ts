import type { ChatModel } from "./model.ts";

/** The model of the settings in force. Whoever has got it keeps it: an answer under way ends with its own model. */
export type ModelInForce = () => ChatModel;
