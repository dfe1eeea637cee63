import { literalKeysIn } from "../../core/secrets/literal-key.ts";
import type { Findings } from "./findings.ts";
import { formatKeyPath, type KeyPath } from "./key-path.ts";

const IN_VALUE =
  "holds a literal key, and the file is published as it is; put the key into a variable and name that as env::NAME where a key belongs (it is not repeated here)";

const ELSEWHERE = "a literal key stands here, and the file is published as it is, comments and all; take it out (it is not repeated here)";

/** Finds keys of well-known forms anywhere in a file: in values and names, unless that is said of these already, and in comments. */
export function checkLiteralKeys(toml: string, values: unknown, findings: Findings): void {
  const told = findings.keysTold("literal key");
  const known = new Set<string>();
  for (const { path, text } of textsOf(values, [])) {
    const keys = literalKeysIn(text);
    if (keys.length > 0 && !told.has(formatKeyPath(path))) findings.wrong(path, IN_VALUE);
    for (const { key } of keys) known.add(key);
  }
  let [line, lineStart, lineEnd] = [1, 0, toml.indexOf("\n")];
  for (const { key, at } of literalKeysIn(toml)) {
    for (; lineEnd !== -1 && lineEnd < at; lineEnd = toml.indexOf("\n", lineStart)) {
      line += 1;
      lineStart = lineEnd + 1;
    }
    if (!known.has(key)) findings.wrongAt({ line, column: at - lineStart + 1 }, ELSEWHERE);
  }
}

interface Text {
  readonly path: KeyPath;
  readonly text: string;
}

/** Every text of a file's values, and every name. */
function textsOf(value: unknown, path: KeyPath): readonly Text[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((inner, index) => textsOf(inner, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = [...path, name];
    return [{ path: at, text: name }, ...textsOf(inner, at)];
  });
}
