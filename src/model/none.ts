import { type ChatModel, ModelError } from "./model.ts";

/** Stands in while no model is set up. Questions are refused before they reach it. */
export const NO_MODEL: ChatModel = {
  name: "none",
  stream: () => Promise.reject(notSetUp()),
  complete: () => Promise.reject(notSetUp()),
};

function notSetUp(): ModelError {
  return new ModelError("model_error", "no model is set up");
}
