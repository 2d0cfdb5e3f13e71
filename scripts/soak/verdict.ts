import { median } from "../bench/statistics.ts";
import type { Shares } from "./processors.ts";
import type { Progress, Recording } from "./run.ts";

/** One line of the table. */
export interface Finding {
  readonly label: string;
  readonly text: string;
  /** Undefined for a line without a bound. */
  readonly holds: boolean | undefined;
}

/** The most memory in the last minute, as a multiple of that in the second minute. */
const MAX_GROWTH = 1.05;
/** A new process grows for a while: compiled code, caches, garbage that is collected later. */
const MIN_SECONDS_FOR_GROWTH = 180;
const MAX_LAG_MS = 20;
const MB = 1024 * 1024;

export function judge(recording: Recording): readonly Finding[] {
  const { errors, lagP99Ms, answers, pages, failures, shares } = recording;
  const { streamed, whole, resumed, left } = answers;
  return [
    memory(recording),
    { label: "errors", text: count(errors), holds: errors === 0 },
    ...failures.map(({ what, count: times, first }) => ({
      label: "",
      text: `${count(times)} × ${what}: ${first}`,
      holds: undefined,
    })),
    {
      label: "lag p99",
      text: `${milliseconds(lagP99Ms)} (under ${MAX_LAG_MS})`,
      holds: lagP99Ms < MAX_LAG_MS,
    },
    {
      label: "answers",
      text:
        `${count(streamed + whole)}, of which ${count(whole)} at once and ${count(resumed)} resumed; ` +
        `${count(left)} left in the middle; ${count(pages)} pages of the admin API`,
      holds: streamed + whole > 0,
    },
    { label: "CPU", text: processors(shares), holds: undefined },
  ];
}

export function isHeld(findings: readonly Finding[]): boolean {
  return findings.every(({ holds }) => holds !== false);
}

export function table(findings: readonly Finding[]): string {
  return findings
    .map(({ label, text, holds }) => {
      const mark = holds === undefined ? " " : holds ? "✓" : "✗";
      return `${mark} ${label.padEnd(8)} ${text}`;
    })
    .join("\n");
}

export function progressLine(progress: Progress): string {
  const { seconds, streamsOpen, answers, errors, memoryBytes, lagP99Ms } = progress;
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return [
    `${clock.padStart(5)}  ${count(streamsOpen)} streams`,
    `${count(answers)} answers`,
    `${count(errors)} errors`,
    megabytes(memoryBytes),
    `lag p99 ${milliseconds(lagP99Ms)}`,
    `CPU ${processors(progress)}`,
  ].join(", ");
}

function memory({ memoryBytes, windowSeconds, options }: Recording): Finding {
  const second = median(memoryBytes.slice(windowSeconds, 2 * windowSeconds));
  const last = median(memoryBytes.slice(-windowSeconds));
  const growth = last / second;
  const isLong = options.seconds >= MIN_SECONDS_FOR_GROWTH;
  const bound = isLong ? `at most ${MAX_GROWTH}` : "the run is too short for a verdict";
  return {
    label: "memory",
    text:
      `${megabytes(second)} in the second ${windowSeconds} s, ${megabytes(last)} in the last: ` +
      `× ${growth.toFixed(3)} (${bound})`,
    holds: isLong ? growth <= MAX_GROWTH : undefined,
  };
}

function processors({ serverCpu, modelCpu, visitorsCpu, serverWaiting }: Shares): string {
  const shares = [`${percent(serverCpu)} server`, `${percent(modelCpu)} model`];
  const waiting =
    serverWaiting === undefined
      ? ""
      : `; the server waited ${percent(serverWaiting)} of the time for a processor`;
  return `${[...shares, `${percent(visitorsCpu)} visitors`].join(", ")}${waiting}`;
}

function count(number: number): string {
  return number.toLocaleString("en");
}

function megabytes(bytes: number): string {
  return `${(bytes / MB).toFixed(0)} MB`;
}

function percent(share: number): string {
  return `${share.toFixed(0)} %`;
}

function milliseconds(ms: number): string {
  return Number.isFinite(ms) ? `${ms.toFixed(1)} ms` : "beyond what is counted";
}
