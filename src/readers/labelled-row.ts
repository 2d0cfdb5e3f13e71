/** A longer header of a column is cut where it stands before a cell. */
const MAX_LABEL = 80;

/**
 * A row of a table as a line that makes sense alone: "Plan: Basic | Price: 5 €". Empty cells are left out. The labels
 * may be fewer than the cells.
 */
export function labelledRow(labels: readonly string[], cells: readonly string[]): string {
  return cells
    .flatMap((cell, column) => {
      const label = labels[column]?.slice(0, MAX_LABEL) ?? "";
      if (cell === "") return [];
      return [label === "" ? cell : `${label}: ${cell}`];
    })
    .join(" | ");
}
