/** What a check found: `ok`, `warning` (worth a look) or `wrong` (has to be mended). */
export interface Finding {
  readonly mark: "ok" | "warning" | "wrong";
  /** One word or two: what was looked at. */
  readonly subject: string;
  /** One line: how it is. Never a secret. */
  readonly says: string;
  /** What the owner can do about it. */
  readonly mend?: string | undefined;
}

const SIGNS: Readonly<Record<Finding["mark"], string>> = { ok: "✓", warning: "!", wrong: "✗" };
const SUBJECT_WIDTH = 12;
const CLEAR_LINE = "\r\u001b[K";

interface ReportOptions {
  readonly write: (text: string) => void;
  /** Only a terminal is told what is being waited for: a file would keep it. */
  readonly isTerminal: boolean;
}

/** Writes each finding as soon as it is known. */
export class Report {
  readonly #options: ReportOptions;
  #counts = { ok: 0, warning: 0, wrong: 0 };

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  get isContent(): boolean {
    return this.#counts.wrong === 0;
  }

  /** Runs a check that takes its time, and says so while it does. */
  async waitFor(doing: string, check: () => Promise<readonly Finding[] | Finding>): Promise<void> {
    const { write, isTerminal } = this.#options;
    if (isTerminal) write(`… ${doing}`);
    const found = await check().finally(() => {
      if (isTerminal) write(CLEAR_LINE);
    });
    this.add(found);
  }

  add(found: readonly Finding[] | Finding): void {
    for (const finding of [found].flat()) {
      this.#counts[finding.mark]++;
      this.#options.write(formatFinding(finding));
    }
  }

  end(): void {
    const { warning, wrong } = this.#counts;
    const sum = wrong + warning === 0 ? "All is well." : `${wrong} wrong, ${warning} to look at.`;
    this.#options.write(`\n${sum}\n`);
  }
}

function formatFinding({ mark, subject, says, mend }: Finding): string {
  const line = `${SIGNS[mark]} ${subject.padEnd(SUBJECT_WIDTH)} ${says}\n`;
  return mend === undefined ? line : `${line}    → ${mend.replaceAll("\n", "\n      ")}\n`;
}
