import { expect, test } from "bun:test";

import { LearningProgress, type SourceProgress } from "../../src/knowledge/learning-progress.ts";

test("the steps of each source are passed on five times a second at most, and their end always", () => {
  let now = 0;
  const progress = new LearningProgress(() => now);
  const seen: (readonly [number, number | undefined])[] = [];
  const end = progress.subscribe((id, step) => seen.push([id, step?.read]));
  const step = (sourceId: number, read: number): SourceProgress => {
    return { sourceId, read, total: 10, address: "https://example.com/" };
  };
  for (let read = 1; read <= 10; read++) {
    progress.report(step(1, read));
    now += 50;
  }
  progress.report(step(2, 1));
  expect(progress.current.map(({ sourceId, read }) => [sourceId, read])).toEqual([
    [1, 10],
    [2, 1],
  ]);
  progress.end(1);
  end();
  progress.end(2);
  expect(seen).toEqual([
    [1, 1],
    [1, 5],
    [1, 9],
    [2, 1],
    [1, undefined],
  ]);
  expect(progress.current).toEqual([]);
});
