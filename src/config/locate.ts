import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import type { KeyPath } from "./key-path.ts";

/** A place in the file, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Finds the place of a key, of an element of an array, or of the nearest table around a key that is not there. */
export function locator(toml: string): (path: KeyPath) => Place | undefined {
  const places = placesIn(toml);
  if (places === undefined) return () => undefined;
  return (path) => {
    for (let length = path.length; length > 0; length -= 1) {
      const place = places.get(JSON.stringify(path.slice(0, length)));
      if (place !== undefined) return place;
    }
    return { line: 1, column: 1 };
  };
}

function placesIn(toml: string): Map<string, Place> | undefined {
  const places = new Map<string, Place>();
  try {
    for (const node of parseTOML(toml, { tomlVersion: "1.1" }).body[0].body) {
      if (node.type === "TOMLTable") notePlaces(places, node);
      else notePair(places, [], node);
    }
  } catch (error) {
    // The two parsers differ over some rare text: then problems are told without their places.
    if (error instanceof ParseError) return undefined;
    throw error;
  }
  return places;
}

/** A header's own place wins over an earlier mention as a part of another's. */
function notePlaces(places: Map<string, Place>, table: AST.TOMLTable): void {
  const path = table.resolvedKey;
  // `resolvedKey` has positions between the names where the table is in an array.
  let named = 0;
  path.forEach((part, index) => {
    const key = typeof part === "number" ? table.key.keys[named - 1] : table.key.keys[named];
    if (typeof part !== "number") named += 1;
    if (key !== undefined) note(places, path.slice(0, index + 1), key, index === path.length - 1 ? "header" : "mention");
  });
  for (const pair of table.body) notePair(places, path, pair);
}

function notePair(places: Map<string, Place>, table: KeyPath, pair: AST.TOMLKeyValue): void {
  let path = table;
  for (const key of pair.key.keys) {
    path = [...path, key.type === "TOMLBare" ? key.name : key.value];
    note(places, path, key, "mention");
  }
  noteContent(places, path, pair.value);
}

function noteContent(places: Map<string, Place>, path: KeyPath, content: AST.TOMLContentNode): void {
  if (content.type === "TOMLInlineTable") for (const pair of content.body) notePair(places, path, pair);
  if (content.type !== "TOMLArray") return;
  content.elements.forEach((element, index) => {
    note(places, [...path, index], element, "mention");
    noteContent(places, [...path, index], element);
  });
}

function note(places: Map<string, Place>, path: KeyPath, node: AST.TOMLNode, standing: "header" | "mention"): void {
  const id = JSON.stringify(path);
  if (standing === "mention" && places.has(id)) return;
  places.set(id, { line: node.loc.start.line, column: node.loc.start.column + 1 });
}
