import { type AST, parseTOML } from "toml-eslint-parser";
import { NotUnderHeader } from "./not-under-header.ts";

/** Names of tables from the outside in; a number is the position in an array of tables. */
export type TablePath = readonly (string | number)[];

/** Whether a table with this path, or one inside it, has a header. */
export function hasHeader(toml: string, path: TablePath): boolean {
  return tablesOf(toml).some((found) => startsWith(found.resolvedKey, path));
}

/** Whether this very table has a header. */
export function hasTable(toml: string, path: TablePath): boolean {
  return tablesOf(toml).some((found) => isAt(found, path));
}

/** Sets a key of a table to a value, changing nothing else: comments stay, also the one behind the old value. `literal`: TOML. */
export function setKey(toml: string, path: TablePath, key: string, literal: string): string {
  const found = tableAt(toml, path);
  const pair = pairAt(found, key);
  refuseHeader(toml, [...path, key]);
  if (pair !== undefined) return splice(toml, pair.value.range, literal);
  const last = found.body.at(-1) ?? found.key;
  const at = lineEnd(toml, last.range[1]);
  return splice(toml, [at, at], `\n${keyLiteral(key)} = ${literal}`);
}

/** Takes a key and its line away, if it is there. */
export function removeKey(toml: string, path: TablePath, key: string): string {
  refuseHeader(toml, [...path, key]);
  if (!hasTable(toml, path)) return toml;
  const pair = pairAt(tableAt(toml, path), key);
  return pair === undefined ? toml : splice(toml, [lineStart(toml, pair.range[0]), lineEnd(toml, pair.range[1]) + 1], "");
}

/** Takes a table away, from its header to its last key; comments above it stay. */
export function removeTable(toml: string, path: TablePath): string {
  const found = tableAt(toml, path);
  const start = lineStart(toml, found.range[0]);
  const end = Math.min(toml.length, endOf(toml, found) + 1);
  // Of the empty lines around it one is enough.
  const isApart = toml.slice(0, start).endsWith("\n\n") && toml.startsWith("\n", end);
  return splice(toml, [start, isApart ? end + 1 : end], "");
}

/** Adds a table behind the last one whose path begins with `after`; where there is none, at the end. */
export function addTable(toml: string, after: TablePath, lines: readonly string[]): string {
  const before = tablesOf(toml).findLast((found) => startsWith(found.resolvedKey, after));
  const block = lines.join("\n");
  if (before === undefined) return `${toml.trimEnd()}${toml.trim() === "" ? "" : "\n\n"}${block}\n`;
  const at = endOf(toml, before);
  // Arms and steps of one rule stand together; other tables are set apart by an empty line.
  const isInside = after.length > 1;
  return splice(toml, [at, at], `\n${isInside ? "" : "\n"}${block}`);
}

/** Adds a header above the first table inside it: `[routes.resilient]` above its `[[routes.resilient.steps]]`. */
export function addHeaderAbove(toml: string, path: TablePath): string {
  const first = tablesOf(toml).find((found) => startsWith(found.resolvedKey, path));
  if (first === undefined) throw new NotUnderHeader(pathText(path));
  const at = lineStart(toml, first.range[0]);
  return splice(toml, [at, at], `[${pathText(path)}]\n`);
}

/** Gives a table, and all inside it, another name. Both paths have the same length. */
export function renameTable(toml: string, from: TablePath, to: TablePath): string {
  const keys = tablesOf(toml)
    .filter((found) => startsWith(found.resolvedKey, from))
    .flatMap((found) => found.key.keys.slice(0, from.length).map((key, index) => ({ range: key.range, name: String(to[index]) })));
  return keys.toReversed().reduce((text, { range, name }) => splice(text, range, keyLiteral(name)), toml);
}

/** Paths of the tables directly inside one: its steps, its variants. */
export function childPaths(toml: string, path: TablePath): TablePath[] {
  return tablesOf(toml)
    .map((found) => found.resolvedKey)
    .filter((key) => key.length === path.length + 1 && startsWith(key, path));
}

/** A value as TOML. `undefined`: TOML has no such value (null). */
export function valueLiteral(value: unknown): string | undefined {
  if (typeof value === "string") return JSON.stringify(value).replaceAll("\u007f", "\\u007f");
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `[${value.flatMap((item) => valueLiteral(item) ?? []).join(", ")}]`;
  if (typeof value !== "object" || value === null) return undefined;
  const pairs = Object.entries(value).flatMap(([key, item]) => {
    const literal = valueLiteral(item);
    return literal === undefined ? [] : [`${keyLiteral(key)} = ${literal}`];
  });
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

/** `routes.balanced`, with quotes where a name needs them. */
export function pathText(path: TablePath): string {
  return path
    .filter((part) => typeof part === "string")
    .map(keyLiteral)
    .join(".");
}

/** A key as it is written: bare where TOML allows it. */
export function keyLiteral(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key);
}

function tablesOf(toml: string): AST.TOMLTable[] {
  return parseTOML(toml, { tomlVersion: "1.0" }).body[0].body.filter((node): node is AST.TOMLTable => node.type === "TOMLTable");
}

function tableAt(toml: string, path: TablePath): AST.TOMLTable {
  const found = tablesOf(toml).find((table) => isAt(table, path));
  if (found === undefined) throw new NotUnderHeader(pathText(path));
  return found;
}

function isAt(found: AST.TOMLTable, path: TablePath): boolean {
  return found.resolvedKey.length === path.length && startsWith(found.resolvedKey, path);
}

function pairAt(found: AST.TOMLTable, key: string): AST.TOMLKeyValue | undefined {
  const pair = found.body.find(({ key: { keys } }) => keys[0] !== undefined && nameOf(keys[0]) === key);
  // `retry.max_retries = 3` is a part of the value only.
  if (pair !== undefined && pair.key.keys.length > 1) throw new NotUnderHeader(pathText([...found.resolvedKey, key]));
  return pair;
}

/** A value under a header of its own, `[routes.balanced.retry]`, is no pair of the table that it belongs to. */
function refuseHeader(toml: string, path: TablePath): void {
  if (hasHeader(toml, path)) throw new NotUnderHeader(pathText(path));
}

function nameOf(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === "TOMLBare" ? key.name : key.value;
}

function startsWith(key: TablePath, path: TablePath): boolean {
  return path.every((part, index) => key[index] === part);
}

/** Where a table ends: behind its last key, and the comment on that line. */
function endOf(toml: string, found: AST.TOMLTable): number {
  const last = found.body.at(-1);
  return lineEnd(toml, last === undefined ? found.key.range[1] : last.range[1]);
}

function lineStart(toml: string, at: number): number {
  return toml.lastIndexOf("\n", at - 1) + 1;
}

function lineEnd(toml: string, at: number): number {
  const end = toml.indexOf("\n", at);
  return end === -1 ? toml.length : end;
}

function splice(toml: string, [start, end]: readonly [number, number], text: string): string {
  return toml.slice(0, start) + text + toml.slice(end);
}
