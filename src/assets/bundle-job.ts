/**
 * What client-bundle.ts has another process do: bundle a browser entry point. It is read from stdin as JSON, and the bundle
 * is written to stdout.
 */
export interface BundleJob {
  /** Path from the working directory. */
  readonly entry: string;
  /** `iife` for a script tag, `esm` for a file that is imported and exports something. */
  readonly format: "iife" | "esm";
  /** Constants, by the names that the source declares them under. */
  readonly constants?: Readonly<Record<string, string>>;
  /** Names of properties that become shorter. */
  readonly privateNames?: readonly string[];
}

type Minify = NonNullable<Bun.BuildConfig["minify"]>;

async function bundle(
  { entry, format, constants = {} }: BundleJob,
  minify: Minify,
): Promise<string> {
  const define = Object.fromEntries(
    Object.entries(constants).map(([name, text]) => [name, JSON.stringify(text)]),
  );
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    target: "browser",
    minify,
    format,
    define,
  });
  return (await outputs[0]?.text()) ?? "";
}

/** Bundles, and makes the bundle smaller than Bun does, by 5 percent and more. */
async function smallBundle(job: BundleJob): Promise<string> {
  // An owner who starts the source may have left the devDependencies out.
  const swc = await import("@swc/core").catch(() => undefined);
  if (!swc) return bundle(job, true);
  const code = inlineExpressions(await bundle(job, { identifiers: true }));
  const smaller = await swc.minify(code, {
    module: job.format === "esm",
    ecma: 2022,
    compress: {
      // No limit.
      passes: 0,
      ecma: 2022,
      hoist_vars: true,
      // Loops written otherwise make larger bundles.
      loops: false,
      // Safe here: nothing calls a function expression with `new`, and no object becomes another text in `${object}` than in
      // `"" + object`, nor another number by `+`. Getters are not pure: reading a layout has an effect.
      unsafe: true,
      unsafe_arrows: true,
      unsafe_math: true,
      unsafe_methods: true,
    },
    mangle: job.privateNames ? { props: { regex: `^(?:${job.privateNames.join("|")})$` } } : true,
  });
  return smaller.code;
}

/**
 * Puts each regular expression that has a name and one use in the place of its name. Bun has then renamed everything, so a
 * name that is in the code twice is a declaration and its use.
 */
function inlineExpressions(code: string): string {
  for (const [line, name = "", expression = ""] of code.matchAll(
    /^ *var ([\w$]+) = (\/.+\/\w*);\n/gm,
  )) {
    const [before, after, ...more] = code
      .replace(line, "")
      .split(new RegExp(`(?<![\\w$])${RegExp.escape(name)}(?![\\w$])`));
    // One that remembers a place in a text has to stay the same one.
    const isKept = /[gy]\w*$/.test(expression) && after?.startsWith(".");
    if (after !== undefined && !more.length && !isKept) code = before + expression + after;
  }
  return code;
}

if (import.meta.main) {
  const job: BundleJob = await Bun.stdin.json();
  await Bun.write(Bun.stdout, await smallBundle(job));
}
