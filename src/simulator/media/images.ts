import { asText } from "../json-value.ts";
import { createdAt, type FormRequest, type JsonRequest, jsonAnswer, type PathRequest, streamAnswer } from "../path-request.ts";
import { pngOf } from "./picture.ts";
import { Refusal } from "../play/refusal.ts";
import { sseText } from "../sse-text.ts";
import type { Answer } from "../play/step.ts";
import { tokensOf } from "../token.ts";

/** The most that one call may ask for. */
const MAX_IMAGES = 10;

/** What one image is said to cost, in tokens. */
const IMAGE_TOKENS = 272;

/** Generations: https://platform.openai.com/docs/api-reference/images/create */
export function answerGeneration(request: JsonRequest): Answer {
  const { body } = request;
  const prompt = asText(body["prompt"]);
  if (prompt === "") throw Refusal.missing("prompt");
  return pictures(request, {
    prompt,
    count: body["n"],
    format: body["response_format"],
    streams: body["stream"] === true,
    event: "image_generation",
  });
}

/** Edits: https://platform.openai.com/docs/api-reference/images/createEdit */
export function answerEdit(request: FormRequest): Answer {
  const { body: form } = request;
  const prompt = asText(form.get("prompt"));
  if (prompt === "") throw Refusal.missing("prompt");
  requireImage(form);
  return pictures(request, { ...wishes(form), prompt, streams: form.get("stream") === "true", event: "image_edit" });
}

/** Variations: https://platform.openai.com/docs/api-reference/images/createVariation */
export function answerVariation(request: FormRequest): Answer {
  requireImage(request.body);
  return pictures(request, { ...wishes(request.body), prompt: "a variation", streams: false, event: "" });
}

function requireImage(form: FormData): void {
  if (!(form.get("image") instanceof File) && !(form.get("image[]") instanceof File)) throw Refusal.missing("image");
}

function wishes(form: FormData): { readonly count: unknown; readonly format: unknown } {
  const count = form.get("n");
  return { count: count === null ? undefined : Number(count), format: form.get("response_format") ?? undefined };
}

interface Wish {
  readonly prompt: string;
  readonly count: unknown;
  /** `url` or `b64_json`; left out: what the model's family answers with. */
  readonly format: unknown;
  readonly streams: boolean;
  /** What the stream's events are named after. */
  readonly event: string;
}

function pictures(request: PathRequest<unknown>, wish: Wish): Answer {
  const { call, model } = request;
  const count = wish.count ?? 1;
  if (typeof count !== "number" || !Number.isInteger(count) || count < 1 || count > MAX_IMAGES) {
    throw Refusal.invalid("n", `Invalid 'n': expected a whole number from 1 to ${MAX_IMAGES}.`);
  }
  const classic = model.startsWith("dall-e");
  const asUrl = (wish.format ?? (classic ? "url" : "b64_json")) === "url";
  const images = Array.from({ length: count }, (_, index) => pngOf(`${wish.prompt} ${index}`).toString("base64"));
  const tokens = { input: tokensOf(wish.prompt).length, output: count * IMAGE_TOKENS };
  const usage = {
    input_tokens: tokens.input,
    output_tokens: tokens.output,
    total_tokens: tokens.input + tokens.output,
    input_tokens_details: { text_tokens: tokens.input, image_tokens: 0 },
  };
  if (wish.streams) return streamed(request, { event: wish.event, images, usage });
  return jsonAnswer(call, {
    created: createdAt(call),
    data: images.map((image) => (asUrl ? { url: `data:image/png;base64,${image}` } : { b64_json: image })),
    ...(!classic && { usage }),
  });
}

function streamed(
  request: PathRequest<unknown>,
  made: { readonly event: string; readonly images: readonly string[]; readonly usage: object },
): Answer {
  const described = { created_at: createdAt(request.call), size: "1024x1024", quality: "low", background: "opaque", output_format: "png" };
  return streamAnswer(
    request,
    made.images.flatMap((b64_json, index) => {
      const partial = { type: `${made.event}.partial_image`, b64_json, partial_image_index: index, ...described };
      const completed = { type: `${made.event}.completed`, b64_json, ...described, usage: made.usage };
      return [partial, completed].map((event) => ({ text: sseText(event, event.type), timed: true }));
    }),
  );
}
