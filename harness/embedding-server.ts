/** A server for embeddings whose vectors the test can foresee. */
export interface EmbeddingServerForTests {
  /** With `/v1`. */
  readonly url: string;
  /** The bodies of the requests so far. */
  readonly requests: readonly EmbeddingRequest[];
  /** Answers the following requests. Undefined: as usual. */
  answer:
    | ((request: EmbeddingRequest, headers: Headers) => Response | Promise<Response> | undefined)
    | undefined;
  stop(): Promise<void>;
}

interface EmbeddingRequest {
  readonly model: string;
  readonly input: readonly string[];
  readonly encoding_format?: string;
  readonly dimensions?: number;
}

const LENGTH = 64;

/**
 * Starts a server. Words of one topic have one direction, whatever the words are.
 * @param topics each with the words that stand for it
 */
export function startEmbeddingServer(
  topics: readonly (readonly string[])[] = [],
): EmbeddingServerForTests {
  const requests: EmbeddingRequest[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const asked = (await request.json()) as EmbeddingRequest;
      requests.push(asked);
      const answer = await state.answer?.(asked, request.headers);
      return answer ?? Response.json(vectorsFor(asked, topics));
    },
  });
  const state: EmbeddingServerForTests = {
    url: `http://127.0.0.1:${server.port}/v1`,
    requests,
    answer: undefined,
    stop: () => server.stop(true),
  };
  return state;
}

/** In another order than asked, as servers may. */
function vectorsFor(
  { input, dimensions = LENGTH }: EmbeddingRequest,
  topics: readonly (readonly string[])[],
) {
  const data = input.map((text, index) => ({
    index,
    object: "embedding",
    embedding: vectorOf(text, topics, dimensions),
  }));
  return { object: "list", data: data.toReversed() };
}

function vectorOf(text: string, topics: readonly (readonly string[])[], length: number): number[] {
  const vector = Array.from({ length }, () => 0.001);
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    const topic = topics.findIndex((words) => words.includes(word));
    if (topic !== -1) vector[topic % length] = (vector[topic % length] ?? 0) + 1;
  }
  return vector;
}
