import { microseconds, type Question } from "../../../harness/question.ts";
import type { ServerProcess } from "../../../harness/server-process.ts";
import { askStream } from "../client.ts";
import { takeNumbers } from "../load.ts";
import type { Sample } from "../scenario.ts";
import { quantile } from "../statistics.ts";
import { resumeRequest, type Target } from "../targets.ts";

/** What the death of a replica costs the visitors whose answers it generates, and the others. */

const VISITORS = 300;
const TOKENS = 120;
const PAUSE_MS = 100;
/** The answers of all visitors are under way by then. */
const DIES_AFTER_MS = 3000;
const ARRIVAL_MS = 1500;
const ASK_AGAIN_MS = 100;
/** Enough for the time until the answers of a dead replica are ended. */
const TRIES = 200;

interface Loss {
  /** Seconds from the death until the visitor was sent the end, and until the next question was answered. */
  readonly ended: number;
  readonly asked: number;
  /** Seconds of the answer that the visitor had received and that were not stored. */
  readonly lost: number;
}

/** Kills the first replica while each replica generates as many answers. */
export async function measureDeath(
  target: Target,
  replicas: readonly ServerProcess[],
): Promise<Sample> {
  const [victim, ...others] = replicas;
  const [elsewhere] = others;
  if (!victim || !elsewhere) throw new Error("A death needs survivors.");
  const latenessMs: number[] = [];
  const losses: Loss[] = [];
  let diedAt = 0;
  const visits = Array.from({ length: VISITORS }, async (_, visitor) => {
    const question = { number: takeNumbers(2), tokens: TOKENS, pauseMs: PAUSE_MS };
    await Bun.sleep((ARRIVAL_MS * visitor) / VISITORS);
    const replica = replicas[visitor % replicas.length];
    if (replica === victim) {
      const place = { target, url: victim.url, elsewhere: elsewhere.url };
      losses.push(await surviveDeath(place, question, () => diedAt));
    } else if (replica) {
      await askStream(target, replica.url, question, (ms) => latenessMs.push(ms));
    }
  });
  await Bun.sleep(DIES_AFTER_MS);
  diedAt = microseconds();
  await victim.kill();
  await Promise.all(visits);
  const all = (of: (loss: Loss) => number) => losses.map(of);
  return {
    broken: losses.length,
    endedMedian: quantile(
      all(({ ended }) => ended),
      0.5,
    ),
    endedMost: Math.max(...all(({ ended }) => ended)),
    askedMost: Math.max(...all(({ asked }) => asked)),
    lost: Math.max(...all(({ lost }) => lost)),
    latenessP99: quantile(latenessMs, 0.99),
  };
}

interface Place {
  readonly target: Target;
  readonly url: string;
  readonly elsewhere: string;
}

async function surviveDeath(
  { target, url, elsewhere }: Place,
  question: Question,
  diedAt: () => number,
): Promise<Loss> {
  const received = await readUntilBroken(await fetch(target.stream(url, question)));
  const { turnId } = received;
  // From its beginning: then the answer comes with all the text that is stored.
  const resumed = await readUntilBroken(
    await fetch(resumeRequest(elsewhere, { turnId, after: 0, question })),
  );
  const ended = (microseconds() - diedAt()) / 1e6;
  if (!resumed.isOver) throw new Error("The answer of the dead replica has no end.");
  const next = { ...question, number: question.number + 1, tokens: 1, pauseMs: 0 };
  for (let tries = 0; tries < TRIES; tries++) {
    const response = await fetch(target.stream(elsewhere, next));
    await response.text();
    if (response.status === 200) break;
    await Bun.sleep(ASK_AGAIN_MS);
  }
  const asked = (microseconds() - diedAt()) / 1e6;
  const lost = Math.max(0, received.tokens - resumed.tokens) * (PAUSE_MS / 1000);
  return { ended, asked, lost };
}

interface Received {
  readonly turnId: string;
  readonly tokens: number;
  /** Whether the stream came to its end. */
  readonly isOver: boolean;
}

async function readUntilBroken(response: Response): Promise<Received> {
  if (response.status !== 200 || !response.body) throw new Error(`Status ${response.status}`);
  let text = "";
  const decoder = new TextDecoder();
  try {
    for await (const bytes of response.body) text += decoder.decode(bytes, { stream: true });
  } catch {
    // The replica died. What it sent before counts.
  }
  const lines = text.split("\n").slice(0, -1);
  const events = lines.filter((line) => line !== "").map((line): StreamEvent => JSON.parse(line));
  const words = events.map(({ token = "" }) => token).join("");
  return {
    turnId: events[0]?.turnId ?? "",
    tokens: words.split(" ").length,
    isOver: events.some(({ type }) => type === "done" || type === "error"),
  };
}

interface StreamEvent {
  readonly type: string;
  readonly turnId?: string;
  readonly token?: string;
}
