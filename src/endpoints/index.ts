import type { Endpoint, ToldError } from "../core/endpoint.ts";
import { audioSpeech } from "./audio-speech.ts";
import { AUDIO_TRANSCRIPTION } from "./audio-transcription.ts";
import { chatCompletions } from "./chat-completions.ts";
import { completions } from "./completions.ts";
import { embeddings } from "./embeddings.ts";
import { generateContent } from "./gemini.ts";
import { IMAGES } from "./images.ts";
import { messages } from "./messages.ts";
import { responses } from "./responses.ts";
import { TOKEN_COUNTS } from "./token-counts.ts";

/** Every path that is answered by calling an upstream. */
export const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map(
  [chatCompletions, completions, responses, messages, ...TOKEN_COUNTS, embeddings, audioSpeech, ...AUDIO_TRANSCRIPTION, ...IMAGES].map(
    (endpoint) => [endpoint.path, endpoint],
  ),
);

/** The paths that upstreams are called at: those, and the ones that no caller calls. */
export const UPSTREAM_ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([...ENDPOINTS, [generateContent.path, generateContent]]);

/** The body of an error at a path, in the form of the endpoint there, or of the one it lies under, or else in OpenAI's. */
export function errorBodyAt(path: string, error: ToldError): object {
  const endpoint = ENDPOINTS.get(path) ?? [...ENDPOINTS.values()].find((each) => path.startsWith(`${each.path}/`));
  return (endpoint ?? chatCompletions).errorBody(error);
}
