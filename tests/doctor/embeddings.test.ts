import { expect, test } from "bun:test";

import { checkEmbeddings } from "../../src/doctor/embeddings.ts";
import type { EmbeddingModel } from "../../src/model/embedding-model.ts";
import { ModelError } from "../../src/model/model.ts";

function model(embed: EmbeddingModel["embed"]): EmbeddingModel {
  return { key: "small/own", embed };
}

const answers = model(async () => [new Float32Array(512)]);
const refuses = model(async () => {
  throw new ModelError("model_error", "the model for embeddings refused: check EMBEDDING_API_KEY");
});

test.each([
  ["none is set", undefined, undefined, []],
  ["one answers", answers, "small", [["ok", "small makes vectors of 512 numbers"]]],
  ["one refuses", refuses, "small", [["warning", "check EMBEDDING_API_KEY"]]],
  ["no server has it", undefined, "small", [["warning", "no server is known"]]],
] as const)("where %s, the doctor says so", async (_, embedding, name, expected) => {
  const findings = await checkEmbeddings(embedding, { model: name, dimensions: undefined });
  expect(findings.map(({ mark }) => mark)).toEqual(expected.map(([mark]) => mark));
  for (const [index, [, says]] of expected.entries()) {
    expect(findings[index]?.says).toContain(says);
  }
});
