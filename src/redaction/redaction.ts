import type { RedactedKind, RedactionSettings } from "../config/redaction.ts";
import type { HistoryMessage } from "../conversation/records.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { derived } from "../runtime/derived.ts";
import { loadOnce } from "../runtime/load-once.ts";
import type { createIsOwn } from "./own-numbers.ts";
import type { TextFilter } from "./text-filter.ts";
import type { redactText, TextRedactor } from "./text-redactor.ts";

/** Takes out of texts what the owner does not want to have: numbers of cards and accounts, addresses. */
export interface Redaction {
  /** Whether the model gets what was written, and only the database does not. */
  readonly isForStorageOnly: boolean;
  /** A visitor's text as it is stored. */
  redact(text: string): string;
  /** A text as a model gets it: one of before these settings may still have what is taken out today. */
  forModel(text: string): string;
  /**
   * For an answer of the model, on its way to readers and the database.
   * @param own texts of the owner: what stands in them stays, so that the bot can say where he is reached
   */
  createFilter(own: readonly string[]): TextFilter;
}

/** What is taken out now. Undefined: nothing. Its code is loaded when it is used. */
export type RedactionInForce = () => Promise<Redaction | undefined>;

interface RedactionDeps {
  readonly config: { readonly redaction: RedactionSettings };
  readonly metrics: Pick<Metrics, "redactions">;
}

export function createRedactionInForce({ config, metrics }: RedactionDeps): RedactionInForce {
  const inForce = derived(
    () => config.redaction,
    (settings): RedactionInForce =>
      settings.kinds.length === 0
        ? async () => undefined
        : loadOnce(async () => {
            const { redactText, TextRedactor } = await import("./text-redactor.ts");
            const { createIsOwn } = await import("./own-numbers.ts");
            const onFound = (kind: RedactedKind) => metrics.redactions.add(1, { kind });
            return createRedaction(settings, { redactText, TextRedactor, createIsOwn, onFound });
          }),
  );
  return () => inForce()();
}

interface Tools {
  readonly redactText: typeof redactText;
  readonly TextRedactor: typeof TextRedactor;
  readonly createIsOwn: typeof createIsOwn;
  readonly onFound: (kind: RedactedKind) => void;
}

function createRedaction({ kinds, before }: RedactionSettings, tools: Tools): Redaction {
  const { redactText, TextRedactor, createIsOwn, onFound } = tools;
  const isForStorageOnly = before === "storage";
  return {
    isForStorageOnly,
    redact: (text) => redactText(text, kinds, onFound),
    forModel: (text) => (isForStorageOnly ? text : redactText(text, kinds)),
    createFilter: (own) => new TextRedactor(kinds, { onFound, isOwn: createIsOwn(own, kinds) }),
  };
}

/** A history as a model gets it. */
export function historyForModel(
  history: readonly HistoryMessage[],
  redaction: Redaction | undefined,
): readonly HistoryMessage[] {
  if (redaction === undefined || redaction.isForStorageOnly) return history;
  return history.map((message) => ({ ...message, content: redaction.forModel(message.content) }));
}
