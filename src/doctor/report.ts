import type { Advice } from "../config/advice.ts";
import { printable } from "./printable.ts";
import { UnreachableError } from "./public-server.ts";

/** The result of a check: `ok`, `warning` (worth a look) or `wrong` (must be fixed). */
export interface Finding {
  readonly mark: "ok" | "warning" | "wrong";
  /** What was checked, in one or two words. */
  readonly subject: string;
  /** The facts in one line. It never contains a secret. */
  readonly says: string;
  /** What the owner can do about it. */
  readonly mend?: string | undefined;
}

/** Advice on the settings as a finding. */
export function advised(
  { says, mend }: Advice,
  subject: string,
  mark: Finding["mark"] = "warning",
): Finding {
  return { mark, subject, says, mend };
}

const SIGNS: Readonly<Record<Finding["mark"], string>> = { ok: "✓", warning: "!", wrong: "✗" };
const SUBJECT_WIDTH = 12;
const CLEAR_LINE = "\r\u001b[K";

interface ReportOptions {
  readonly write: (text: string) => void;
  /** Progress is shown only on a terminal, because a file would keep it. */
  readonly isTerminal: boolean;
}

/** Prints each finding as soon as it is known. */
export class Report {
  readonly #options: ReportOptions;
  readonly #written = new Set<string>();
  #counts = { ok: 0, warning: 0, wrong: 0 };

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  get isContent(): boolean {
    return this.#counts.wrong === 0;
  }

  /** Does work that takes a while and shows what it is doing. */
  async during<T>(doing: string, work: () => Promise<T>): Promise<T> {
    const { write, isTerminal } = this.#options;
    if (isTerminal) write(`… ${doing}`);
    return work().finally(() => {
      if (isTerminal) write(CLEAR_LINE);
    });
  }

  /** Runs a check. If it throws, that is a finding too, and the other checks still run. */
  async waitFor(
    subject: string,
    doing: string,
    check: () => Promise<readonly Finding[] | Finding>,
  ): Promise<void> {
    try {
      this.add(await this.during(doing, check));
    } catch (error) {
      this.add(failed(subject, error));
    }
  }

  add(found: readonly Finding[] | Finding): void {
    for (const finding of [found].flat()) {
      const text = formatFinding(finding);
      // Two checks may fail for the same reason, which is printed once.
      if (this.#written.has(text)) continue;
      this.#written.add(text);
      this.#counts[finding.mark]++;
      this.#options.write(text);
    }
  }

  end(): void {
    const { warning, wrong } = this.#counts;
    const sum = wrong + warning === 0 ? "All is well." : `${wrong} wrong, ${warning} to look at.`;
    this.#options.write(`\n${sum}\n`);
  }
}

function formatFinding({ mark, subject, says, mend }: Finding): string {
  const line = `${SIGNS[mark]} ${subject.padEnd(SUBJECT_WIDTH)} ${printable(says)}\n`;
  if (mend === undefined) return line;
  return `${line}    → ${mend.split("\n").map(printable).join("\n      ")}\n`;
}

function failed(subject: string, error: unknown): Finding {
  if (error instanceof UnreachableError) {
    return { mark: "wrong", subject: "address", says: error.message, mend: error.mend };
  }
  const says = `could not be checked: ${error instanceof Error ? error.message : String(error)}`;
  return { mark: "wrong", subject, says };
}
