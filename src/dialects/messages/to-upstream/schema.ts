import { arrayOf, type ForeignObject, isObject, objectOf } from "../../../core/json/foreign-json.ts";

// Schemas as Anthropic takes them: https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations. What a grammar cannot hold
// is told to the model in the description, as Anthropic's own clients do it (`transformJSONSchema` of @anthropic-ai/sdk).

/** A schema, and whether something of it is only told to the model now. */
export interface WrittenSchema {
  readonly schema: ForeignObject;
  readonly isLoosened: boolean;
}

const KEPT: ReadonlySet<string> = new Set(["type", "enum", "const", "default", "description", "title", "required", "$ref"]);

/** Members whose members are schemas. */
const NAMED: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);

/** Members that are lists of schemas, as they are called here: exactly one of some is one of some to a grammar. */
const LISTS: ReadonlyMap<string, string> = new Map([
  ["anyOf", "anyOf"],
  ["oneOf", "anyOf"],
  ["allOf", "allOf"],
]);

const FORMATS: ReadonlySet<unknown> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid",
]);

/**
 * What the grammars of one request may have together, or it is refused: optional members, and members of several types.
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs#schema-complexity-limits
 */
const MOST_OPTIONAL = 24;
const MOST_UNIONS = 16;

/** Schemas that are deeper than this are left as they are: the upstream refuses them for being too complex. */
const DEEPEST = 64;

const OBJECT = { type: "object" };

/** A schema that a grammar is made of: of an answer, or of the arguments of a strict tool. */
export function grammarSchema(schema: unknown): WrittenSchema {
  let isLoosened = false;
  const narrow = (node: unknown, depth: number): unknown => {
    if (!isObject(node) || depth > DEEPEST) return node;
    const out: Record<string, unknown> = {};
    const told: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(node)) {
      const list = LISTS.get(key);
      if (KEPT.has(key) || (key === "format" && FORMATS.has(value)) || (key === "minItems" && (value === 0 || value === 1)))
        out[key] = value;
      else if (NAMED.has(key) && isObject(value)) out[key] = mapped(value, (each) => narrow(each, depth + 1));
      else if (list !== undefined && Array.isArray(value) && !(list in out)) out[list] = value.map((each) => narrow(each, depth + 1));
      else if (key === "items" && isObject(value)) out[key] = narrow(value, depth + 1);
      else if (!isOfNoWeight(key, value)) told[key] = value;
    }
    if ("properties" in out || [out["type"]].flat().includes("object")) out["additionalProperties"] = false;
    if (Object.keys(told).length === 0) return out;
    isLoosened = true;
    return described(out, told);
  };
  const narrowed = objectOf(narrow(schema, 0));
  return { schema: narrowed, isLoosened };
}

/** Whether grammars can be made of all these schemas in one request. */
export function areGrammars(schemas: readonly unknown[]): boolean {
  let optional = 0;
  let unions = 0;
  const count = (node: unknown, depth: number): void => {
    if (typeof node !== "object" || node === null || depth > DEEPEST) return;
    const { properties, required, type, anyOf, oneOf } = objectOf(node);
    const needed = arrayOf(required);
    optional += Object.keys(objectOf(properties)).filter((name) => !needed.includes(name)).length;
    if (Array.isArray(type) || Array.isArray(anyOf) || Array.isArray(oneOf)) unions += 1;
    for (const each of Object.values(node)) count(each, depth + 1);
  };
  count(schemas, 0);
  return optional <= MOST_OPTIONAL && unions <= MOST_UNIONS;
}

/**
 * The schema of a tool's arguments: an object, and no choice of several ("input_schema does not support oneOf, allOf, or anyOf at the top level"), which is told
 * instead, with the members of all. All else goes as it is.
 */
export function argumentsSchema(schema: unknown): WrittenSchema {
  const { anyOf, oneOf, allOf, ...plain } = objectOf(schema);
  const choices = Object.fromEntries(Object.entries({ anyOf, oneOf, allOf }).filter(([, value]) => value !== undefined));
  if (Object.keys(choices).length === 0) return { schema: { properties: {}, ...plain, ...OBJECT }, isLoosened: false };
  const variants = [anyOf, oneOf, allOf].flatMap((list) => arrayOf(list).map((variant) => objectOf(objectOf(variant)["properties"])));
  const properties: ForeignObject = Object.assign({}, ...variants, objectOf(plain["properties"]));
  return { schema: described({ ...plain, ...OBJECT, properties }, choices), isLoosened: true };
}

/** What is not wanted of a model but of who reads the schema. */
function isOfNoWeight(key: string, value: unknown): boolean {
  return key === "$schema" || key === "$id" || key === "$comment" || (key === "additionalProperties" && value === false);
}

function described(schema: ForeignObject, told: ForeignObject): ForeignObject {
  const { description } = schema;
  const words = JSON.stringify(told);
  return { ...schema, description: typeof description === "string" ? `${description}\n\n${words}` : words };
}

function mapped(members: ForeignObject, change: (value: unknown) => unknown): ForeignObject {
  return Object.fromEntries(Object.entries(members).map(([key, value]) => [key, change(value)]));
}
