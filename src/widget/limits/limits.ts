import { languageOf } from "../language.ts";
import { solve } from "../proof/solve.ts";
import { type LimitSentences, SENTENCES } from "./sentences.ts";

/**
 * What few visits need: a file of its own beside the panel, which loads it when the server refuses a question at one of its
 * limits. The server may have another version of it by now, so nothing here is ever renamed or given another meaning.
 */

/** Headers that a question is sent with from then on, until it is refused again. */
export type Pass = Readonly<Record<string, string>>;

/** A question that was refused, as the panel has it. */
interface Refusal {
  /** The code of the API. */
  readonly message: string;
  /** The body of the response, unchecked. */
  readonly body?: unknown;
  /** What the panel does about it (panel/failure.ts). */
  kind: string;
  /** What the visitor reads. */
  sentence?: string;
}

/** What the panel keeps of it: the same object for as long as it is asked. */
interface Asking {
  /** The limit at which it was refused. */
  code?: string;
}

/** How often a question is asked with a new proof. A proof may be used up or expire on its way. */
const MAX_PROOFS = 3;
/** The longest sentence of an owner. */
const MAX_SENTENCE = 300;

/** How many proofs each question has taken. */
const proofs = new WeakMap<Asking, number>();

/**
 * Sees to a question that was refused: proves work where that is asked for, or says what the visitor is to be told.
 * @param language of the panel
 * @param signal ends the work, as Stop does
 * @returns what the question can be asked with again; undefined: nothing
 */
export async function meetLimit(
  language: string,
  refusal: Refusal,
  asking: Asking,
  signal: AbortSignal,
): Promise<Pass | undefined> {
  const { challenge, sentence } = Object(refusal.body) as Record<string, unknown>;
  const code = refusal.message;
  if (code === "proof_required") return prove(challenge, refusal, asking, signal);
  const own = SENTENCES[languageOf(language) ?? "en"];
  if (!Object.hasOwn(own, code)) return undefined;
  asking.code = code;
  const said = typeof sentence === "string" && sentence.slice(0, MAX_SENTENCE).trim();
  refusal.sentence = said || own[code as keyof LimitSentences];
  // What others hold of a budget may be free again in seconds; the panel knows how long to wait.
  if (code !== "budget_reached") refusal.kind = "refused";
  return undefined;
}

async function prove(
  challenge: unknown,
  refusal: Refusal,
  asking: Asking,
  signal: AbortSignal,
): Promise<Pass | undefined> {
  const count = proofs.get(asking) ?? 0;
  // "Try again" begins anew.
  proofs.set(asking, (count + 1) % (MAX_PROOFS + 1));
  // Not that of a wrong key, which trying again does not mend.
  refusal.kind = "refused";
  if (count === MAX_PROOFS) return undefined;
  const proof = await solve(challenge, signal);
  return proof === undefined ? undefined : { "x-proof": proof };
}
