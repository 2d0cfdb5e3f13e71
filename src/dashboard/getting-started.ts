import { DEFAULT_SYSTEM_PROMPT } from "../config/assistant.ts";
import type { Config } from "../config/config.ts";
import { isReported } from "../config/notice-gaps.ts";
import { hasBudget, pricesInForce } from "../config/spending.ts";
import type { Sighting } from "../http/sightings.ts";
import type { RefusedOrigin } from "../store/refused-origin-store.ts";
import type { MadeTrial } from "./settings/model-trials.ts";

/** A step of a new owner. Whether it is done is computed, and nobody can tick it. */
export interface Step {
  readonly id:
    | "model"
    | "website"
    | "instructions"
    | "pages"
    | "looks"
    | "people"
    | "budget"
    | "tag"
    | "address";
  readonly isDone: boolean;
  /** Worth doing, and not needed: nothing waits for it. */
  readonly isOptional?: true;
}

export interface Beginnings {
  readonly config: Config;
  /** The last trial of the model in force. */
  readonly trial: MadeTrial | undefined;
  /** Whether visitors have had answers in the last days. */
  readonly hasAnswered: boolean;
  /** Whether visitors have asked in the last days. */
  readonly hasAsked: boolean;
  /** Whether the bot knows anything of the owner's pages. */
  readonly knowsPages: boolean;
  /** Of the allowed websites, the one that was seen last. */
  readonly seen: Sighting | undefined;
  /** The websites that were refused in the last days, the newest first. */
  readonly refused: readonly RefusedOrigin[];
  /** Whether the dashboard was opened at the address that visitors use. */
  readonly isPublic: boolean;
}

export function stepsOf(beginnings: Beginnings): readonly Step[] {
  const { config, trial, hasAnswered, hasAsked, knowsPages, seen, isPublic } = beginnings;
  const { allowed } = config.origins;
  const isAnswering = trial === undefined ? hasAnswered : trial.mark !== "wrong";
  return [
    { id: "model", isDone: config.model.kind === "openai" && isAnswering },
    { id: "website", isDone: allowed !== "*" && allowed.length > 0 },
    { id: "instructions", isDone: config.assistant.systemPrompt !== DEFAULT_SYSTEM_PROMPT },
    { id: "pages", isDone: knowsPages, isOptional: true },
    { id: "looks", isDone: hasOwnLooks(config.widget), isOptional: true },
    { id: "people", isDone: isReached(config), isOptional: true },
    { id: "budget", isDone: isBounded(config), isOptional: true },
    // Conversations of an earlier version, which did not note the website.
    { id: "tag", isDone: allowed !== "*" && (seen !== undefined || hasAsked) },
    { id: "address", isDone: isPublic },
  ];
}

/** Whether visitors can ask for a person, and the owner is notified of it. */
function isReached({ people, notices }: Config): boolean {
  return people.person !== "off" && isReported("handoff.requested", notices);
}

/** Whether the model has a budget, or is known to cost nothing. */
function isBounded(config: Config): boolean {
  if (hasBudget(config.spending)) return true;
  const prices = config.model.kind === "openai" ? pricesInForce(config) : undefined;
  return prices?.input === 0 && prices.output === 0;
}

/** Whether the owner has set any text or look of the widget. */
function hasOwnLooks(widget: Config["widget"]): boolean {
  return Object.values(widget).some((value) => value !== undefined && value.length > 0);
}
