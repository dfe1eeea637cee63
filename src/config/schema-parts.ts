import * as z from "zod/mini";

/** A table of routes.toml that knows all its keys. Its message is the list of them, for the search of what an unknown key was meant to be. */
export function table<Shape extends z.core.$ZodShape>(shape: Shape) {
  const keys = Object.keys(shape).join(" ");
  return z.strictObject(shape, { error: (issue) => (issue.code === "unrecognized_keys" ? keys : "must be a table") });
}

/** A whole number between two, the message naming its unit. */
export function integer(least: number, most: number, unit: string) {
  const message = `must be an integer from ${least} to ${most} (${unit})`;
  return z.int(message).check(z.minimum(least, message), z.maximum(most, message));
}

/** One of a few words. */
export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: () => `must be one of ${values.map((value) => `"${value}"`).join(", ")}` });
}

/** A text that is not empty. */
export function text(example: string) {
  const message = `must be a text that is not empty, such as ${example}`;
  return z.string(message).check(z.minLength(1, message));
}

/** An array of such texts. */
export function texts(example: string) {
  return z.array(text(example), `must be an array of texts, such as [${example}]`);
}
