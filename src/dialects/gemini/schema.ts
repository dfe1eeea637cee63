import { arrayOf, type ForeignObject, isObject, objectOf } from "../../core/json/foreign-json.ts";

/** A schema that Gemini takes. */
export interface CutSchema {
  readonly schema: unknown;
  /** The keywords that were taken out and asked something of the value: `["pattern"]`. */
  readonly lost: ReadonlySet<string>;
}

/** What stays as it is. The whole list, and the rules below: https://ai.google.dev/api/generate-content#FIELDS.response_json_schema */
const PLAIN: ReadonlySet<string> = new Set([
  "$id",
  "$anchor",
  "type",
  "format",
  "title",
  "description",
  "minItems",
  "maxItems",
  "minimum",
  "maximum",
  "required",
  "propertyOrdering",
]);
/** Schemas by name. `definitions` is what `$defs` was called before. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ["properties", "properties"],
  ["$defs", "$defs"],
  ["definitions", "$defs"],
]);
const LISTED: ReadonlySet<string> = new Set(["prefixItems", "anyOf", "oneOf"]);
/** What tells people something and asks nothing of the value. */
const NOTES: ReadonlySet<string> = new Set([
  "$schema",
  "$comment",
  "$vocabulary",
  "default",
  "examples",
  "example",
  "deprecated",
  "readOnly",
  "writeOnly",
  "contentMediaType",
  "contentEncoding",
  "contentSchema",
]);

/** Deeper than this nobody's schema is; what lies there may be anything. */
const DEEPEST = 64;

/** Cuts a JSON schema to what Gemini takes: it refuses a request for one word that it does not know. */
export function cutSchema(schema: unknown): CutSchema {
  const cut = new Cut();
  return { schema: cut.schema(schema, 0), lost: cut.lost };
}

type Member = readonly [key: string, value: unknown];

class Cut {
  readonly lost = new Set<string>();

  schema(value: unknown, depth: number): object {
    if (!isObject(value) || depth > DEEPEST) return {};
    const whole = this.#withoutAllOf(value);
    if (typeof whole["$ref"] === "string") return this.#reference(whole["$ref"], whole, depth);
    return Object.fromEntries(Object.entries(whole).flatMap(([key, inner]) => this.#member(key, inner, { of: whole, depth })));
  }

  /** Nothing but words with a dollar may stand beside a reference. */
  #reference(pointer: string, whole: ForeignObject, depth: number): object {
    const beside = Object.entries(whole).filter(([key]) => key === "$defs" || key === "definitions");
    const definitions = beside.flatMap(([key, inner]) => this.#member(key, inner, { of: whole, depth }));
    return Object.fromEntries([["$ref", pointer.replace(/^#\/definitions\//, "#/$defs/")], ...definitions]);
  }

  #member(key: string, value: unknown, { of, depth }: { readonly of: ForeignObject; readonly depth: number }): readonly Member[] {
    const named = NAMED.get(key);
    if (named !== undefined) return [[named, this.#named(value, depth)]];
    if (PLAIN.has(key)) return [[key, value]];
    if (LISTED.has(key)) return [[key, arrayOf(value).map((each) => this.schema(each, depth + 1))]];
    switch (key) {
      case "items":
        return Array.isArray(value) ? this.#member("prefixItems", value, { of, depth }) : [[key, this.schema(value, depth + 1)]];
      case "additionalProperties":
        return [[key, typeof value === "boolean" ? value : this.schema(value, depth + 1)]];
      case "enum":
        return "const" in of ? [] : this.#enum(arrayOf(value), of);
      case "const":
        return this.#const(value, of);
    }
    if (!NOTES.has(key) && !key.startsWith("x-")) this.lost.add(key);
    return [];
  }

  #named(value: unknown, depth: number): object {
    return Object.fromEntries(Object.entries(objectOf(value)).map(([name, inner]) => [name, this.schema(inner, depth + 1)]));
  }

  /** Only texts and numbers may be listed; that it may be null, the type says. */
  #enum(values: readonly unknown[], of: ForeignObject): readonly Member[] {
    const listed = values.filter(isListable);
    const nullable = of["type"] === undefined || arrayOf(of["type"]).includes("null");
    if (values.some((value) => !isListable(value) && !(value === null && nullable))) this.lost.add("enum");
    return listed.length === 0 ? [] : [["enum", listed]];
  }

  #const(value: unknown, of: ForeignObject): readonly Member[] {
    if (isListable(value)) return [["enum", [value]]];
    if (value !== null) this.lost.add("const");
    const type = value === null ? "null" : typeof value === "boolean" ? "boolean" : undefined;
    return type === undefined || "type" in of ? [] : [["type", type]];
  }

  /** What all of them ask, asked at once. A reference among others cannot be asked for with them. */
  #withoutAllOf(whole: ForeignObject): ForeignObject {
    const { allOf, ...rest } = whole;
    if (allOf === undefined) return whole;
    const parts = arrayOf(allOf).map(objectOf);
    const [only] = parts;
    const isAlone = parts.length === 1 && Object.keys(rest).every((key) => NOTES.has(key) || key === "description" || key === "title");
    if (only !== undefined && isAlone) return { ...rest, ...only };
    if (parts.some((part) => "$ref" in part || "allOf" in part)) this.lost.add("allOf");
    const joined = [rest, ...parts.filter((part) => !("$ref" in part))].map(({ allOf: _inner, ...part }) => part);
    const properties = Object.fromEntries(joined.flatMap((part) => Object.entries(objectOf(part["properties"]))));
    const required = [...new Set(joined.flatMap((part) => arrayOf(part["required"])))];
    return {
      ...Object.fromEntries(joined.toReversed().flatMap((part) => Object.entries(part))),
      ...(Object.keys(properties).length === 0 ? {} : { properties }),
      ...(required.length === 0 ? {} : { required }),
    };
  }
}

function isListable(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
