import { visible } from "./visible.ts";

/**
 * Rows as aligned lines, two spaces between columns, none at the end of a line; a cell is one line, whatever it holds.
 * `formatTable([["a", "b"], ["long", "c"]])` is `["a     b", "long  c"]`.
 */
export function formatTable(cells: readonly (readonly string[])[]): string[] {
  const rows = cells.map((row) => row.map(visible));
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
