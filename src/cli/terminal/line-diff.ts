/** One line of a difference: in both, only in the first, only in the second. */
export interface DiffLine {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** The shortest way from one text to another, line by line, by their longest common subsequence; removed lines come before added ones. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const a = linesOf(before);
  const b = linesOf(after);
  const common = commonLengths(a, b);
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    if (left !== undefined && left === right) {
      lines.push({ sign: " ", text: left });
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))) {
      lines.push({ sign: "-", text: left });
      i++;
    } else {
      lines.push({ sign: "+", text: right ?? "" });
      j++;
    }
  }
  return lines;
}

/** The changed lines with `context` unchanged ones around them; `…` stands where others were left out. Empty: no difference. */
export function condense(lines: readonly DiffLine[], context: number): string[] {
  const near = lines.map((_, at) => lines.slice(Math.max(0, at - context), at + context + 1).some((line) => line.sign !== " "));
  const shown: string[] = [];
  lines.forEach((line, at) => {
    if (near[at]) shown.push(`${line.sign} ${line.text}`);
    else if (near[at - 1]) shown.push("…");
  });
  if (shown.at(-1) === "…") shown.pop();
  return shown;
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}

/** `table[i][j]`: how many lines `a` from `i` and `b` from `j` have in common, in order. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint32Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    const row = table[i];
    const below = table[i + 1];
    if (row === undefined || below === undefined) continue;
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}
