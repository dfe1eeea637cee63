/** Readers for JSON that others wrote: what is not of the expected shape reads as absent, nothing throws. */

/** A JSON object whose members are looked at, not trusted. */
export type ForeignObject = Readonly<Record<string, unknown>>;

const NOTHING: ForeignObject = {};

/** The value of a JSON text; `undefined` where it is none. */
export function parseForeign(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The JSON text of a value that was read from JSON; `undefined`: it is nested too deep to be written. */
export function writeForeign(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // Reading has no such bound, and of what was read nothing else keeps it from being written.
    return undefined;
  }
}

/** The value where it is an object and no array, else one without members. */
export function objectOf(value: unknown): ForeignObject {
  return isObject(value) ? value : NOTHING;
}

/** Whether the value is an object and no array. */
export function isObject(value: unknown): value is ForeignObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value where it is an array, else an empty one. */
export function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value where it is a string that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
