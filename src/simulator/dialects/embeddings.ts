import { createHash } from "node:crypto";
import { asList } from "../json-value.ts";
import { type JsonRequest, jsonAnswer } from "../path-request.ts";
import { Refusal } from "../play/refusal.ts";
import type { Answer } from "../play/step.ts";
import { tokensOf } from "../token.ts";

/** How long a vector is where the caller does not say: https://platform.openai.com/docs/guides/embeddings */
const DEFAULT_DIMENSIONS = 1_536;
const LARGE_DIMENSIONS = 3_072;

/** The most that the provider takes in one call. */
const MAX_INPUTS = 2_048;

/** Embeddings: https://platform.openai.com/docs/api-reference/embeddings */
export function answerEmbeddings({ body, call, model }: JsonRequest): Answer {
  const inputs = readInputs(body["input"]);
  const dimensions = readDimensions(body["dimensions"], model);
  const format = body["encoding_format"] ?? "float";
  if (format !== "float" && format !== "base64")
    throw Refusal.invalid("encoding_format", "Invalid 'encoding_format': expected 'float' or 'base64'.");
  const tokens = inputs.reduce((sum, input) => sum + (typeof input === "string" ? tokensOf(input).length : input.length), 0);
  return jsonAnswer(call, {
    object: "list",
    data: inputs.map((input, index) => {
      const vector = unitVector(JSON.stringify(input), dimensions);
      return { object: "embedding", index, embedding: format === "float" ? [...vector] : base64Of(vector) };
    }),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

/** One text or one list of tokens, or a list of either. */
function readInputs(input: unknown): readonly (string | readonly unknown[])[] {
  if (input === undefined) throw Refusal.missing("input");
  const several = Array.isArray(input) && typeof input[0] !== "number";
  const inputs = several ? asList(input) : [input];
  const fit = inputs.filter((each): each is string | readonly unknown[] =>
    typeof each === "string" ? each !== "" : Array.isArray(each) && each.length > 0,
  );
  if (inputs.length === 0 || inputs.length > MAX_INPUTS || fit.length < inputs.length) {
    throw Refusal.invalid(
      "input",
      `'input' has to be a text, a list of tokens, or a list of 1 to ${MAX_INPUTS} of these, none of them empty.`,
    );
  }
  return fit;
}

function readDimensions(value: unknown, model: string): number {
  if (value === undefined || value === null) return model.includes("3-large") ? LARGE_DIMENSIONS : DEFAULT_DIMENSIONS;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= LARGE_DIMENSIONS) return value;
  throw Refusal.invalid("dimensions", `Invalid 'dimensions': expected a whole number from 1 to ${LARGE_DIMENSIONS}.`);
}

/** The same text always gives the same direction; fewer dimensions give the start of it. */
function unitVector(text: string, dimensions: number): Float32Array {
  let state = createHash("sha256").update(text).digest().readUInt32LE();
  const vector = Float32Array.from({ length: dimensions }, () => {
    // A linear congruential generator (Numerical Recipes' constants): no need for better, only for sameness.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** Little-endian 32-bit floats, as the provider encodes them. */
function base64Of(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString("base64");
}
