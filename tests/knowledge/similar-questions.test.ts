import { expect, test } from "bun:test";

import { groupSimilar } from "../../src/knowledge/similar-questions.ts";

const SAME = [
  ["Do you ship to Norway?", "Shipping to Norway?"],
  ["Can I return my order?", "How do I return an order"],
  ["Haben Sie vegane Gerichte?", "Gibt es vegane Gerichte?"],
  ["Est-ce que vous livrez en Norvège ?", "Livrez-vous en Norvège ?"],
  ["Как вернуть заказ?", "вернуть заказ"],
  ["返品できますか", "返品はできますか？"],
] as const;
const OTHERS = [
  "Do you ship to Chile?",
  "When are you open?",
  "Can I pay with PayPal?",
  "Can I pay by invoice?",
  "Do you sell boats?",
  "???",
  "",
];

test("questions that ask the same in other words are together, in many languages, and no others", async () => {
  const texts = [...SAME.flat(), ...OTHERS];
  const firsts = await groupSimilar(texts);
  const groups = Map.groupBy(texts, (_, index) => firsts[index]);
  expect([...groups.values()]).toEqual([
    ...SAME.map((pair) => [...pair]),
    ...OTHERS.map((text) => [text]),
  ]);
});

test("few questions are told apart as well", async () => {
  expect(await groupSimilar([])).toEqual([]);
  expect(await groupSimilar(["Do you ship to Norway?", "Do you ship to Chile?"])).toEqual([0, 1]);
  expect(await groupSimilar(["Do you ship to Norway?", "shipping to norway"])).toEqual([0, 0]);
});

test("a question of very many words is compared by those that the fewest others have", async () => {
  const words = (from: string) =>
    Array.from({ length: 20 }, (_, n) => String.fromCodePoint(97 + n).repeat(2) + from).join(" ");
  const rare = words("rare");
  const others = [words("some"), words("more"), words("most")].join(" ");
  const texts = [rare, others, `${others} twice`, `${rare} ${others}`];
  expect(await groupSimilar(texts)).toEqual([0, 1, 1, 0]);
});

test("two thousand questions with the same frequent words are compared in bounded time", async () => {
  const texts = Array.from(
    { length: 2000 },
    (_, n) => `Do you sell blue ${n.toString(36)}xyz things, or any other stuff in ${n % 7}zz?`,
  );
  const before = process.cpuUsage();
  const firsts = await groupSimilar(texts);
  const { user, system } = process.cpuUsage(before);
  expect(firsts).toHaveLength(2000);
  // A third of a second at most. Where each is compared with all before it, it is many.
  expect((user + system) / 1e6).toBeLessThan(3);
});
