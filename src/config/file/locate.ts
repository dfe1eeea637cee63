import type { KeyPath } from "./key-path.ts";
import { MAX_DEPTH } from "./read-toml.ts";
import { type Place, TomlText } from "./toml-text.ts";

/** A table, an array or a value: where it is named, and what is named inside it, an array's elements by their position. */
interface Named {
  place: Place;
  inside?: Map<string | number, Named>;
}

/**
 * Finds the place of a key, of an element of an array, or of the nearest table around a key that is not there. The text is one that `readToml` accepted:
 * what is right is passed over unchecked, and in other text there may be no places to find.
 */
export function locator(toml: string): (path: KeyPath) => Place | undefined {
  const root: Named = { place: { line: 1, column: 1 } };
  if (!noteAll(new TomlText(toml), root)) return () => undefined;
  return (path) => {
    let named = root;
    for (const part of path) {
      const inner = named.inside?.get(part);
      if (inner === undefined) break;
      named = inner;
    }
    return named.place;
  };
}

// What follows answers false, or undefined, where the text does not go on as TOML does.

function noteAll(text: TomlText, root: Named): boolean {
  let table: Named | undefined = root;
  while (!text.isAtEnd) {
    if (text.takes("[")) table = noteHeader(text, root);
    else if (!notePair(text, table, MAX_DEPTH)) return false;
    if (table === undefined) return false;
  }
  return true;
}

/** The table that the header begins. Its own place wins over an earlier mention as a part of another's name. */
function noteHeader(text: TomlText, root: Named): Named | undefined {
  const isArray = text.takes("[");
  const key = noteKey(text, root);
  if (key === undefined || !text.takes(isArray ? "]]" : "]")) return undefined;
  if (isArray) return elementOf(key.named, key.place);
  key.named.place = key.place;
  return key.named;
}

function notePair(text: TomlText, table: Named, depth: number): boolean {
  const key = noteKey(text, table);
  return key !== undefined && text.takes("=") && noteValue(text, key.named, depth);
}

/** What a dotted key names, and the place of its last part. A part that names an array of tables stands for the last of them. */
function noteKey(text: TomlText, table: Named): { readonly named: Named; readonly place: Place } | undefined {
  let named = table;
  for (;;) {
    const { place } = text;
    const name = text.name();
    if (name === undefined) return undefined;
    named = innerOf(named.inside?.get(named.inside.size - 1) ?? named, name, place);
    if (!text.takes(".")) return { named, place };
  }
}

function noteValue(text: TomlText, named: Named, depth: number): boolean {
  const end = text.takes("[") ? "]" : text.takes("{") ? "}" : undefined;
  if (end === undefined) return text.takesValue();
  while (!text.takes(end)) {
    const isNoted =
      depth > 0 && (end === "]" ? noteValue(text, elementOf(named, text.place), depth - 1) : notePair(text, named, depth - 1));
    if (!isNoted) return false;
    text.takes(",");
  }
  return true;
}

/** A further element of an array. */
function elementOf(array: Named, place: Place): Named {
  return innerOf(array, array.inside?.size ?? 0, place);
}

/** What has this name inside; noted at this place if it is new. */
function innerOf(around: Named, name: string | number, place: Place): Named {
  const inside = (around.inside ??= new Map<string | number, Named>());
  const inner = inside.get(name) ?? { place };
  inside.set(name, inner);
  return inner;
}
