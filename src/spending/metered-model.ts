import type { ModelPrices } from "../config/model-prices.ts";
import type { TokenUsage } from "../conversation/records.ts";
import { GeneratedText } from "../model/generated-text.ts";
import { type ChatModel, type ModelDelta, ModelError, type ModelRequest } from "../model/model.ts";
import { type ModelCall, promptSize, tokensOf } from "./charge.ts";
import type { EndCall, Meter } from "./meter.ts";

/** What has been seen of a call until it ended. */
interface Seen {
  readonly usage?: TokenUsage | undefined;
  readonly error?: unknown;
  readonly hasFinished: boolean;
}

/** A model whose calls are counted. It throws RefusedCall instead of asking where a call may not be made. */
export function meteredModel(
  model: ChatModel,
  meter: Meter,
  prices: () => ModelPrices | undefined,
): ChatModel {
  async function begin(asked: ModelRequest) {
    const generated = asked.generated ?? new GeneratedText();
    const prompt = promptSize(asked);
    const { maxOutputTokens: outputLimit } = asked;
    const most = { inputTokens: prompt.most, outputTokens: outputLimit };
    const end = await meter.begin(most, prices());
    const endWith = ({ usage, error, hasFinished }: Seen) =>
      end(tokensOf({ prompt, outputLimit, generated, usage, end: endOf(error, hasFinished) }));
    return { request: { ...asked, generated }, generated, endWith };
  }

  return {
    name: model.name,

    async stream(asked, signal) {
      const { request, generated, endWith } = await begin(asked);
      try {
        return counted(
          await model.stream(request, AbortSignal.any([signal, meter.cutOff])),
          generated,
          endWith,
        );
      } catch (error) {
        await endWith({ error, hasFinished: false });
        throw error;
      }
    },

    async complete(asked, signal) {
      const { request, generated, endWith } = await begin(asked);
      try {
        const answer = await model.complete(request, AbortSignal.any([signal, meter.cutOff]));
        if (generated.pieces === 0) generated.add(answer.text);
        await endWith({ usage: answer.usage, hasFinished: true });
        return answer;
      } catch (error) {
        await endWith({ error, hasFinished: false });
        throw error;
      }
    },
  };
}

async function* counted(
  deltas: AsyncIterable<ModelDelta>,
  generated: GeneratedText,
  endWith: (seen: Seen) => ReturnType<EndCall>,
): AsyncIterable<ModelDelta> {
  const shown: string[] = [];
  let usage: TokenUsage | undefined;
  let hasFinished = false;
  let error: unknown;
  try {
    for await (const delta of deltas) {
      shown.push(...delta.tokens);
      usage = delta.usage ?? usage;
      hasFinished ||= delta.finishReason !== undefined;
      yield delta;
    }
  } catch (thrown) {
    error = thrown;
    throw thrown;
  } finally {
    // Some models count nothing themselves.
    if (generated.pieces === 0) for (const token of shown) generated.add(token);
    await endWith({ usage, error, hasFinished });
  }
}

function endOf(error: unknown, hasFinished: boolean): ModelCall["end"] {
  if (error instanceof ModelError && error.isFree) return "refused";
  return hasFinished ? "whole" : "cut";
}
