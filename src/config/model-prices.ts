/** What a model takes for tokens. The price of a million tokens in a currency is that of one token in millionths of it. */
export interface ModelPrices {
  /** Millionths of the currency for a token of the prompt. */
  readonly input: number;
  /** The same for a token of the answer. */
  readonly output: number;
}

/** Models whose prices are known, by the beginning of their names. */
interface KnownPrice extends ModelPrices {
  readonly name: string;
}

/** All prices of the list are in US dollars. */
export const PRICES_CURRENCY = "USD";
/** When the list was read from the providers' pages. */
export const PRICES_AS_OF = "2025-08";

/** The longest name that a model's name begins with counts. */
const KNOWN: readonly KnownPrice[] = [
  { name: "gpt-4.1", input: 2, output: 8 },
  { name: "gpt-4.1-mini", input: 0.4, output: 1.6 },
  { name: "gpt-4.1-nano", input: 0.1, output: 0.4 },
];

/** The list's prices of a model, in US dollars. Undefined: the list does not have it. */
export function knownPrices(model: string): ModelPrices | undefined {
  const name = model.slice(model.lastIndexOf("/") + 1).toLowerCase();
  const fitting = KNOWN.filter((each) => name === each.name || name.startsWith(`${each.name}-`));
  return fitting.toSorted((one, other) => other.name.length - one.name.length)[0];
}
