/** Where a value of this kind is read by nobody who would replace them. */
const PROBLEMS: readonly (readonly [pattern: RegExp, problem: string])[] = [
  // `docker --env-file` and systemd keep a comment that stands behind a value.
  [/\s#/, "has a comment in it: put comments on lines of their own"],
  [/^[“”„‟‘’‚«»]|[“”„‟‘’‚«»]$/, 'has typographic quotes around it: use " or none'],
  [/\p{Cc}/u, "has a line end or another control character in it"],
];
const PATH_PROBLEMS: typeof PROBLEMS = [
  ...PROBLEMS,
  [/^~/, "begins with ~, which only a shell replaces: write the whole path"],
  [/\$(?:\{|\w)/, "has a variable ($…) in it, which is not replaced: write the whole path"],
  [/^%[a-zA-Z](?:\/|$)/, "begins with %…, which systemd replaces in Environment= only"],
  [/^[a-z][a-z0-9+.-]+:/i, "is an address, and has to be the path of a file"],
];

/** Why a name, such as a model's, is none. Otherwise it would be taken letter by letter. */
export function wordProblem(value: string): string | undefined {
  return PROBLEMS.find(([pattern]) => pattern.test(value))?.[1];
}

/** The same for the path of a file: it would be made, or looked for, under that very name. */
export function pathSettingProblem(value: string): string | undefined {
  return PATH_PROBLEMS.find(([pattern]) => pattern.test(value))?.[1];
}
