import fc from "fast-check";

/** Ids of every kind, most of which belong to nothing. */
const ODD_SEGMENTS = [
  "{{canary}}",
  "t_aaaaaaaaaaaaaaaaaaaaaa",
  "export",
  "request",
  "%00",
  "%0d%0aset-cookie:%20{{canary}}",
  "%2e%2e",
  "%2e%2e%2fhealth",
  "..",
  "..\\..\\..\\health",
  "..\\..\\..\\..\\widget\\{{canary}}",
  "a%2Fb",
  "%",
  "%zz",
  "%ff%fe",
  "%C0%80",
  "%F0%9F%8C%8D",
  "ünïcode-{{canary}}",
  "__proto__",
  "constructor",
  "*",
  ":turnId",
  "%22%3E%3Ci%3E{{canary}}",
  "'-{{canary}}",
  "{{widgetKey}}",
  "x".repeat(3000),
];

/** Changes that a proxy, a typo or an attacker makes to a path. */
const MUTATIONS: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => `${path}//`,
  (path) => `/${path}`,
  (path) => path.replace(/\/([^/]*)$/, "//$1"),
  (path) => path.toUpperCase(),
  (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path) => path.replaceAll(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path) => path.replaceAll("/", "%2f").replace("%2f", "/"),
  (path) => path.replaceAll("/", "\\").replace("\\", "/"),
  (path) => `${path}%00`,
  (path) => `${path}%20`,
  (path) => `${path};jsessionid={{canary}}`,
  (path) => `${path}/..`,
  (path) => `${path}/../{{canary}}`,
  (path) => `${path}/%2e%2e/health`,
  (path) => `/health/..${path}`,
  (path) => `/widget/..${path}`,
  (path) => `/dashboard/assets/%2e%2e${path}`,
  (path) => `/widget/..%2f..${path}`,
  (path) => `/.${path}`,
  (path) => `/api${path}`,
  (path) => `${path}/{{canary}}`,
  (path) => `${path}.json`,
  (path) => path.slice(0, -1) || "/",
  (path) => `${path}${"/x".repeat(500)}`,
  (path) => `/http://localhost${path}`,
];

/** Paths of a route, and similar ones. */
export function pathsOf(template: string): fc.Arbitrary<string> {
  const segments = template
    .split("/")
    .map((segment) =>
      segment.startsWith(":")
        ? fc.oneof(
            { weight: 4, arbitrary: fc.constant(handleFor(template)) },
            { weight: 1, arbitrary: fc.constantFrom(...ODD_SEGMENTS) },
          )
        : fc.constant(segment),
    );
  const right = template.includes(":")
    ? fc.tuple(...segments).map((parts) => parts.join("/"))
    : fc.constant(template);
  return fc.oneof(
    { weight: 8, arbitrary: right },
    {
      weight: 1,
      arbitrary: fc
        .tuple(right, fc.constantFrom(...MUTATIONS))
        .map(([path, mutate]) => mutate(path)),
    },
  );
}

/** The name of a value that fits the route's parameter. */
function handleFor(template: string): string {
  return template.includes(":turnId") ? "{{turn}}" : "{{conversation}}";
}
