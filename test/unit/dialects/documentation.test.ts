import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DIALECT_IDS } from "../../../src/dialects/dialect.ts";
import { LOSSES } from "../../../src/dialects/losses.ts";

const DOCS = new URL("../../../docs/translation.md", import.meta.url);

/** A row for everything that is not carried to every dialect: what it is, and what becomes of it at targets of each. */
function lossTable(): string {
  const rows = Object.values(LOSSES)
    .filter((row) => DIALECT_IDS.some((id) => row[id] !== "carried"))
    .map((row) => [row.what, ...DIALECT_IDS.map((id) => row[id].replace("_", " "))]);
  const table = [["to a target that speaks", ...DIALECT_IDS], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = table.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

test("docs/translation.md tells what is lost as the loss table has it (UPDATE_DOCS=1 writes it)", () => {
  const text = readFileSync(DOCS, "utf8");
  const told = text.replace(/<!-- losses -->[^]*<!-- \/losses -->/, `<!-- losses -->\n\n${lossTable()}\n\n<!-- /losses -->`);
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(DOCS, told);
  else expect(text).toBe(told);
});
