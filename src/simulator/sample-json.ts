import { asList, asObject, isObject, type JsonObject } from "./json-value.ts";

/** References deeper than this are followed no more: optional members and list items are left out from there on. */
const DEEP = 6;

/** Beyond this a schema has no finite value that fits; `null` ends the search. */
const TOO_DEEP = 40;

/** A value that fits a JSON schema as function arguments use it, always the same for the same schema. `pattern` is not looked at. */
export function sampleOf(schema: unknown): unknown {
  return sample(schema, { root: schema, depth: 0 });
}

interface Place {
  /** What `$ref: "#/…"` points into. */
  readonly root: unknown;
  readonly depth: number;
}

function sample(schema: unknown, place: Place): unknown {
  if (!isObject(schema) || place.depth > TOO_DEEP) return place.depth > TOO_DEEP ? null : "sample";
  const below = { root: place.root, depth: place.depth + 1 };
  if ("const" in schema) return schema["const"];
  const given = asList(schema["enum"])[0];
  if (given !== undefined) return given;
  if (typeof schema["$ref"] === "string") return sample(referenced(schema["$ref"], place.root), below);
  if (Array.isArray(schema["allOf"])) return sample(merged([{ ...schema, allOf: undefined }, ...schema["allOf"]], place.root), below);
  const options = asList(schema["anyOf"] ?? schema["oneOf"]);
  if (options.length > 0)
    return sample(merged([{ ...schema, anyOf: undefined, oneOf: undefined }, simplest(options, place)], place.root), below);
  return sampleOfType(typeOf(schema, place), schema, below);
}

function sampleOfType(type: string, schema: JsonObject, below: Place): unknown {
  switch (type) {
    case "object":
      return sampleObject(schema, below);
    case "array":
      return sampleArray(schema, below);
    case "string":
      return sampleString(schema);
    case "integer":
      return sampleNumber(schema, 1);
    case "number":
      return sampleNumber(schema, 0.5);
    case "boolean":
      return true;
    default:
      return null;
  }
}

/** Deep down the shortest way out is taken: an option that refers to nothing. */
function simplest(options: readonly unknown[], place: Place): unknown {
  const flat = place.depth > DEEP ? options.find((option) => asObject(option)["$ref"] === undefined) : undefined;
  return flat ?? options[0];
}

function typeOf(schema: JsonObject, place: Place): string {
  const { type } = schema;
  if (typeof type === "string") return type;
  const types = asList(type).filter((each) => typeof each === "string");
  if (place.depth > DEEP && types.includes("null")) return "null";
  if (types[0] !== undefined) return types[0];
  if ("properties" in schema || "required" in schema) return "object";
  return "items" in schema || "prefixItems" in schema ? "array" : "string";
}

/** `"#/$defs/City"` is the member `City` of the member `$defs` of the root. */
function referenced(pointer: string, root: unknown): unknown {
  const names = pointer.split("/").slice(1);
  return names.reduce<unknown>((at, name) => {
    const key = decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~");
    return Array.isArray(at) ? at[Number(key)] : asObject(at)[key];
  }, root);
}

/** One schema that asks for what all of them ask. */
function merged(schemas: readonly unknown[], root: unknown): JsonObject {
  const all = schemas.map((schema) => {
    const one = asObject(schema);
    return typeof one["$ref"] === "string" ? { ...asObject(referenced(one["$ref"], root)), ...one, $ref: undefined } : one;
  });
  const members = all.map((one) => Object.entries(one).filter(([, value]) => value !== undefined));
  return {
    ...Object.fromEntries(members.flat()),
    ...(all.some((one) => isObject(one["properties"])) && { properties: Object.assign({}, ...all.map((one) => one["properties"])) }),
    ...(all.some((one) => Array.isArray(one["required"])) && { required: all.flatMap((one) => asList(one["required"])) }),
  };
}

function sampleObject(schema: JsonObject, below: Place): JsonObject {
  const properties = asObject(schema["properties"]);
  const required = asList(schema["required"]).filter((name) => typeof name === "string");
  const optional = below.depth > DEEP ? [] : Object.keys(properties);
  const names = new Set([...optional, ...required]);
  return Object.fromEntries([...names].map((name) => [name, sample(properties[name] ?? schema["additionalProperties"], below)]));
}

function sampleArray(schema: JsonObject, below: Place): readonly unknown[] {
  const first = asList(schema["prefixItems"]).map((item) => sample(item, below));
  const least = numberOr(schema["minItems"], below.depth > DEEP ? 0 : 1);
  const count = Math.min(Math.max(least, first.length), numberOr(schema["maxItems"], Infinity));
  const distinct = schema["uniqueItems"] === true ? asList(asObject(schema["items"])["enum"]) : [];
  return Array.from({ length: count }, (_, index) => first[index] ?? distinct[index] ?? sample(schema["items"], below));
}

/** https://json-schema.org/draft/2020-12/json-schema-validation#section-7.3 */
const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2026-01-01T12:00:00Z",
  date: "2026-01-01",
  time: "12:00:00Z",
  duration: "PT1H",
  email: "sample@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  uuid: "123e4567-e89b-42d3-a456-426614174000",
};

function sampleString(schema: JsonObject): string {
  const format = schema["format"];
  const known = typeof format === "string" ? FORMATS[format] : undefined;
  if (known !== undefined) return known;
  return "sample".padEnd(numberOr(schema["minLength"], 0), "-").slice(0, numberOr(schema["maxLength"], Infinity));
}

function sampleNumber(schema: JsonObject, step: number): number {
  const grain = numberOr(schema["multipleOf"], step);
  const lowest = Math.max(numberOr(schema["minimum"], -Infinity), numberOr(schema["exclusiveMinimum"], -Infinity));
  const highest = Math.min(numberOr(schema["maximum"], Infinity), numberOr(schema["exclusiveMaximum"], Infinity));
  const shut = (value: number): boolean => value === schema["exclusiveMinimum"] || value === schema["exclusiveMaximum"];
  const wished = Math.min(Math.max(1, lowest), highest);
  const candidates = [Math.ceil(wished / grain) * grain, Math.floor(wished / grain) * grain];
  const near = candidates.flatMap((value) => [value, value + grain, value - grain]);
  const middle = Number.isFinite(lowest + highest) ? [(lowest + highest) / 2] : [];
  return [...near, ...middle].find((value) => value >= lowest && value <= highest && !shut(value)) ?? wished;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
