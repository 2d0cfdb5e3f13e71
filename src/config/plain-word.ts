/** Signs that a value contains something that another program would have removed or replaced. */
const PROBLEMS: readonly (readonly [pattern: RegExp, problem: string])[] = [
  // `docker --env-file` and systemd keep a comment after a value.
  [/\s#/, "has a comment in it: put comments on lines of their own"],
  [/^[“”„‟‘’‚«»]|[“”„‟‘’‚«»]$/, 'has typographic quotes around it: use " or none'],
  [/\p{Cc}/u, "has a line end or another control character in it"],
];
const PATH_PROBLEMS: typeof PROBLEMS = [
  ...PROBLEMS,
  [/^~/, "begins with ~, which only a shell replaces: write the whole path"],
  [/\$(?:\{|\w)/, "has a variable ($…) in it, which is not replaced: write the whole path"],
  [/^%[a-zA-Z](?:\/|$)/, "begins with %…, which systemd replaces in Environment= only"],
  [/^[a-z][a-z0-9+.-]+:/i, "is an address, but must be the path of a file"],
];

/** The reason why a value is not a name, such as a model's. Without this check it would be used literally. */
export function wordProblem(value: string): string | undefined {
  return PROBLEMS.find(([pattern]) => pattern.test(value))?.[1];
}

/** The same for the path of a file, which would be created or searched under that literal name. */
export function pathSettingProblem(value: string): string | undefined {
  return PATH_PROBLEMS.find(([pattern]) => pattern.test(value))?.[1];
}
