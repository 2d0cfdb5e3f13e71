/** A wider table is no table for readers. */
const MAX_COLUMNS = 200;
const MAX_ROWS_COVERED = 1000;
const MAX_LABEL = 80;

interface HeldCell {
  readonly column: number;
  readonly width: number;
  readonly text: string;
}

/**
 * A table while it is read, row by row. Cells under column headers get them as labels, "Plan: Basic | Price: 5 €",
 * since a row is often given to the model without the head of its table.
 */
export class HtmlTable {
  /** The labels of the columns. */
  readonly #labels: string[] = [];
  /** How many more rows the cell above covers, by column. */
  readonly #covered: number[] = [];
  #column = 0;
  #held: HeldCell[] = [];
  #hasDataRow = false;
  #isDataRow = false;
  #followsHead = false;
  #headText: string[] = [];
  /** Whether the row has shown text. */
  rowHasText = false;

  beginRow(): void {
    this.#column = 0;
    this.rowHasText = false;
    this.#isDataRow = false;
  }

  /** A cell begins. @returns its column and width */
  beginCell(columnSpan: number, rowSpan: number): { column: number; width: number } {
    while ((this.#covered[this.#column] ?? 0) > 0) this.#skipCovered();
    const column = this.#column;
    const width = Math.max(1, Math.min(columnSpan, MAX_COLUMNS - column));
    const rows = Math.min(rowSpan, MAX_ROWS_COVERED) - 1;
    for (let at = column; at < column + width && at < MAX_COLUMNS; at++) this.#covered[at] = rows;
    this.#column = Math.min(column + width, MAX_COLUMNS);
    return { column, width };
  }

  /** Whether the row has had no data so far, so that a header cell may be the header of a column. */
  get isHeadOfRow(): boolean {
    return !this.#isDataRow;
  }

  /** The text of a header cell in a row that has no data so far. */
  hold(cell: HeldCell): void {
    if (cell.text !== "") this.#held.push(cell);
  }

  /** The first data of a row begins. @returns the headers of the row, which stand before it */
  beginData(): string {
    this.#isDataRow = true;
    this.#hasDataRow = true;
    const head = this.#held.map(({ text }) => text).join(" | ");
    this.#held = [];
    this.#followsHead = head !== "";
    return head;
  }

  /** @returns what stands before the text of the cell with data that begins in `column` */
  leadOf(column: number): string {
    const label = this.#labels[column] ?? "";
    const separator = this.#followsHead && label === "" ? ": " : " | ";
    this.#followsHead = false;
    return `${this.rowHasText ? separator : ""}${label === "" ? "" : `${label}: `}`;
  }

  /** The row has ended. @returns text that is still to be shown */
  endRow(): string {
    while (this.#column < this.#covered.length) this.#skipCovered();
    const held = this.#held;
    this.#held = [];
    const text = held.map((cell) => cell.text).join(" | ");
    if (held.length === 0 || this.#isDataRow || this.#hasDataRow) return text;
    for (const cell of held) this.#label(cell);
    this.#headText.push(text);
    return "";
  }

  /** The table has ended. @returns text that is still to be shown: headers of nothing */
  end(): string {
    return this.#hasDataRow ? "" : this.#headText.join("\n");
  }

  #skipCovered(): void {
    const rows = this.#covered[this.#column] ?? 0;
    this.#covered[this.#column] = Math.max(rows - 1, 0);
    this.#column++;
  }

  #label({ column, width, text }: HeldCell): void {
    for (let at = column; at < column + width && at < MAX_COLUMNS; at++) {
      const above = this.#labels[at];
      this.#labels[at] = (above === undefined ? text : `${above} ${text}`).slice(0, MAX_LABEL);
    }
  }
}
