import { parseArgs } from "node:util";

import { quantile } from "../statistics.ts";
import { KINDS } from "./answers.ts";
import { serveChatPage } from "./chat-page.ts";
import { watchFrames } from "./frames.ts";
import { PLACES, type ProofSeen, watchProof } from "./proof.ts";

const HELP = `Measures how smoothly the widget shows an answer of 200 KB while its end is written at 400 tokens a second.

Usage: bun run bench widget [KIND…] [options]

Kinds (all of them by default): ${KINDS.join(", ")}
In their place, \`proof\` measures how long a proof of work takes, in a Worker and on the page.

Options:
  --length N   characters that are there before the measuring begins (200000)
  --seconds N  how long each is watched (5)
  --slowdown N how many times slower the browser's processor is made (1)

It needs Chromium, and a machine with nothing else to do. Beside the times between frames it prints how many
milliseconds of each second the page's thread was busy, which other load changes less.
`;

/** @returns the exit code */
export async function runWidgetBench(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h", default: false },
      length: { type: "string", default: "200000" },
      seconds: { type: "string", default: "5" },
      slowdown: { type: "string", default: "1" },
    },
  });
  const isProof = positionals[0] === "proof";
  const unknown = isProof ? undefined : positionals.find((kind) => !KINDS.includes(kind));
  if (values.help || unknown !== undefined) {
    console.log(unknown === undefined ? HELP : `There is no kind "${unknown}".\n\n${HELP}`);
    return unknown === undefined ? 0 : 64;
  }
  const [length = 0, seconds = 0, slowdown = 1] = [
    values.length,
    values.seconds,
    values.slowdown,
  ].map(Number);
  if (!(length > 0 && seconds > 0 && slowdown >= 1)) {
    console.log(`--length, --seconds and --slowdown take numbers above 0.\n\n${HELP}`);
    return 64;
  }
  if (isProof) {
    await runProofs(slowdown);
    return 0;
  }
  console.log(row("", ["p50 ms", "p95 ms", "max ms", "busy ‰", "script ‰", "layout ‰"]));
  for (const kind of positionals.length > 0 ? positionals : KINDS) {
    // A browser opens few connections to one address, so each kind has its own.
    const server = serveChatPage(length);
    // Marks and blanks are not shown.
    const shown = length * 0.7;
    const seen = await watchFrames(server.url.href, kind, shown, seconds * 1000, slowdown);
    console.log(
      row(
        kind,
        Object.values(seen).map((value: number) => value.toFixed(1)),
      ),
    );
    await server.stop(true);
  }
  return 0;
}

/** So many proofs in each place: the attempts that one takes differ by a quarter. */
const PROOFS = 8;

async function runProofs(slowdown: number): Promise<void> {
  console.log(row("", ["p50 ms", "max ms", "frame ms", "task ms", "tasks", "cpu ms"]));
  for (const place of PLACES) {
    const seen: ProofSeen[] = [];
    for (let count = 0; count < PROOFS; count++) seen.push(await watchProof(place, slowdown));
    const times = seen.map(({ solvedMs }) => solvedMs);
    const most = (figure: keyof ProofSeen) => Math.max(...seen.map((each) => each[figure]));
    const figures = [
      quantile(times, 0.5),
      quantile(times, 1),
      most("longestFrameMs"),
      most("longestTaskMs"),
      most("longTasks"),
      quantile(
        seen.map(({ pageMs }) => pageMs),
        0.5,
      ),
    ];
    console.log(
      row(
        place,
        figures.map((figure) => figure.toFixed(1)),
      ),
    );
  }
}

function row(name: string, cells: readonly string[]): string {
  return [name.padEnd(16), ...cells.map((cell) => cell.padStart(9))].join("");
}
