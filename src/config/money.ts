import { MILLION } from "./spending.ts";

/** Below this, a sum has more decimal places than the currency: answers cost fractions of a cent. */
const SMALL = 0.1;
/** Sums are stored in millionths. */
const MAX_DECIMALS = 6;

/** By currency and number of decimal places. What a format knows takes long to load, so each is made once. */
const formats = new Map<string, Intl.NumberFormat>();

/** A sum for people, such as `$2.40`, `€0.0042` or `CHF 12.00`. */
export function formatMoney(millionths: number, currency: string): string {
  const sum = millionths / MILLION;
  return formatOf(currency, sum === 0 || sum >= SMALL ? undefined : decimalsOf(sum)).format(sum);
}

/** So many that two digits are shown. */
function decimalsOf(sum: number): number {
  return Math.min(MAX_DECIMALS, 1 - Math.floor(Math.log10(sum)));
}

function formatOf(currency: string, decimals: number | undefined): Intl.NumberFormat {
  const key = `${currency} ${decimals}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    ...(decimals !== undefined && { maximumFractionDigits: Math.max(2, decimals) }),
  });
  formats.set(key, made);
  return made;
}
