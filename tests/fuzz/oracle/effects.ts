import type { Exchange } from "../exchange.ts";

const ASKING = /^\/(?:v1\/)?chat(?:\/stream)?\/?$/;

/** Statuses of a failed answer of the model, whose question was accepted and stored. */
const MODEL_FAILURES = [502, 503, 504];

/** Writes that are wrong: a refused request never writes anything (contract section 3). */
export function effectProblems({ sent, answer, writes, hidden }: Exchange): string[] {
  const countOf = (name: string) => writes.filter((write) => write === name).length;
  const isGood = answer.status < 400;
  const isAsking = sent.method === "POST" && ASKING.test(sent.path);
  const isDeletion = isGood && /\/delete\/?$/.test(sent.path);
  // An erasure also takes what the owner has deleted and could still restore.
  const erasable = isGood && sent.method === "DELETE" ? 1 + hidden : isDeletion ? 1 : 0;
  const isOfOwner = /\/(?:messages|takeover)\/?$/.test(sent.path) && sent.method === "POST";
  const isBack = /\/(?:give-back|takeover)\/?$/.test(sent.path);
  // A request for a person may bring a question.
  const isForPerson = isGood && /\/chat\/requests\/?$/.test(sent.path);
  const mayBegin = isForPerson || (isAsking && (isGood || MODEL_FAILURES.includes(answer.status)));
  const most = [
    ["beginTurn", "began", "turns", mayBegin ? 1 : 0],
    ["deleteConversation", "erased", "conversations", erasable],
    ["hideConversation", "hid", "conversations", isDeletion ? 1 : 0],
    ["rateAnswer", "rated", "answers", isGood && sent.method === "PUT" ? 1 : 0],
    ["addOwnerMessage", "wrote", "messages of the owner", isGood && isOfOwner ? 1 : 0],
    ["takeOver", "took over", "conversations", isGood && isOfOwner ? 1 : 0],
    ["giveBack", "gave back", "conversations", isGood && isBack ? 1 : 0],
  ] as const;
  return most.flatMap(([write, did, what, max]) => {
    const count = countOf(write);
    return count > max ? [`${did} ${count} ${what}`] : [];
  });
}
