import { type AST, parseTOML } from "toml-eslint-parser";
import type { KeyPath } from "../../../src/config/file/key-path.ts";
import type { Place } from "../../../src/config/file/toml-text.ts";

/** The place of everything a file names, by its path as JSON, as a whole parser of TOML sees it. */
export function parsedPlaces(toml: string): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const node of parseTOML(toml, { tomlVersion: "1.1" }).body[0].body) {
    if (node.type === "TOMLTable") noteTable(places, node);
    else notePair(places, [], node);
  }
  return places;
}

/** A header's own place wins over an earlier mention as a part of another's. */
function noteTable(places: Map<string, Place>, table: AST.TOMLTable): void {
  const path = table.resolvedKey;
  // `resolvedKey` has positions between the names where the table is in an array.
  let named = 0;
  path.forEach((part, index) => {
    const key = typeof part === "number" ? table.key.keys[named - 1] : table.key.keys[named];
    if (typeof part !== "number") named += 1;
    if (key === undefined) return;
    if (index === path.length - 1) places.delete(JSON.stringify(path));
    note(places, path.slice(0, index + 1), key);
  });
  for (const pair of table.body) notePair(places, path, pair);
}

function notePair(places: Map<string, Place>, table: KeyPath, pair: AST.TOMLKeyValue): void {
  let path = table;
  for (const key of pair.key.keys) {
    path = [...path, key.type === "TOMLBare" ? key.name : key.value];
    note(places, path, key);
  }
  noteContent(places, path, pair.value);
}

function noteContent(places: Map<string, Place>, path: KeyPath, content: AST.TOMLContentNode): void {
  if (content.type === "TOMLInlineTable") for (const pair of content.body) notePair(places, path, pair);
  if (content.type !== "TOMLArray") return;
  content.elements.forEach((element, index) => {
    note(places, [...path, index], element);
    noteContent(places, [...path, index], element);
  });
}

function note(places: Map<string, Place>, path: KeyPath, node: AST.TOMLNode): void {
  const id = JSON.stringify(path);
  if (!places.has(id)) places.set(id, { line: node.loc.start.line, column: node.loc.start.column + 1 });
}
