/**
 * Characters that some people write in a word and others leave out. They are ranges of 16-bit units, because
 * the expression takes five times as long with Unicode properties or longer characters.
 */
export const LEFT_OUT = new RegExp(
  `[${[
    // Marks that are not part of a letter, such as a stress mark.
    "\\u0300-\\u036f",
    // Soft hyphens, joiners, variation selectors, marks for the writing direction.
    "\\u00ad\\u061c\\u200d-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufe00-\\ufe0f\\ufeff",
    // Hebrew vowel signs.
    "\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7",
    // Arabic vowel signs and the line that stretches a word.
    "\\u0610-\\u061a\\u0640\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed",
  ].join("")}]`,
  "g",
);

/**
 * Marks that are stacked on one character. Normalising takes time by the square of their number (14 s for
 * 64,000), so only as many are kept as Unicode recommends (UAX #15, Stream-Safe Text Format). The two
 * katakana marks are letters until they are normalised.
 */
export const STACKED_MARKS = /([\p{M}\uff9e\uff9f]{30})[\p{M}\uff9e\uff9f]+/gu;
