import type { Exchange } from "../exchange.ts";
import { accessProblems } from "./access.ts";
import { bodyProblems } from "./bodies.ts";
import type { Contract } from "./contract.ts";
import { effectProblems } from "./effects.ts";
import { headerProblems } from "./headers.ts";
import { leakProblems, logProblems } from "./leaks.ts";

/** Everything that is wrong with the answer to a request, a sentence each; empty when it is right. */
export function judge(exchange: Exchange, contract: Contract): string[] {
  return [...judgeConcurrent(exchange, contract), ...effectProblems(exchange)];
}

/** The same while other requests are under way, so that writes cannot be assigned to this one. */
export function judgeConcurrent(exchange: Exchange, contract: Contract): string[] {
  return [
    ...accessProblems(exchange, contract),
    ...headerProblems(exchange),
    ...bodyProblems(exchange, contract),
    ...leakProblems(exchange),
    ...logProblems(exchange),
  ];
}
