import type { Exchange } from "../exchange.ts";

const ASKING = /^\/(?:v1\/)?chat(?:\/stream)?\/?$/;

/** Statuses of a failed answer of the model, whose question was accepted and stored. */
const MODEL_FAILURES = [502, 503, 504];

/** Writes that are wrong: a refused request never writes anything (contract section 3). */
export function effectProblems({ sent, answer, writes }: Exchange): string[] {
  const begun = writes.filter((write) => write === "beginTurn").length;
  const erased = writes.filter((write) => write === "deleteConversation").length;
  const isGood = answer.status < 400;
  const isAsking = sent.method === "POST" && ASKING.test(sent.path);
  const mayBegin = isAsking && (isGood || MODEL_FAILURES.includes(answer.status));
  const mayErase = isGood && (sent.method === "DELETE" || /\/delete\/?$/.test(sent.path));
  const problems: string[] = [];
  if (begun > (mayBegin ? 1 : 0)) problems.push(`began ${begun} turns`);
  if (erased > (mayErase ? 1 : 0)) problems.push(`erased ${erased} conversations`);
  return problems;
}
