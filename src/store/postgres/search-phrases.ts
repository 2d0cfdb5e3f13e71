import { turnOfItsOwn } from "../../runtime/event-loop-turn.ts";
import { followEachOther, searchTokens, type SearchWord } from "../search-words.ts";
import type { Run } from "./pool.ts";
import { PIECE_CHARACTERS } from "./search-vector.ts";
import { piecesOf } from "./text-pieces.ts";

/** Whether the text of a message has the phrases. Long texts are read in short pieces, as in searchVector. */
export async function textHasPhrases(
  run: Run,
  id: number,
  phrases: readonly SearchWord[],
): Promise<boolean> {
  const [row] = await run<{ content: string }>(
    "SELECT content FROM messages WHERE id = $1::bigint",
    [id],
  );
  const tokens: string[] = [];
  for (const piece of piecesOf(row?.content ?? "", PIECE_CHARACTERS)) {
    for (const token of searchTokens(piece)) tokens.push(token);
    await turnOfItsOwn();
  }
  return followEachOther(tokens.join(" "), phrases);
}
