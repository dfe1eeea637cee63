import { chat, chunk, event, JSON_HEADERS, ROLE, STREAM_HEADERS } from "../../support/upstream.ts";
import type { Answer } from "../../../src/simulator/play/step.ts";
import { type Attack, each, EVERYWHERE, unless } from "../attack.ts";
import { type Place, SECRETS, traceOf } from "../place.ts";

const CHAT = "/v1/chat/completions";

/** A secret's parts that would give it away are not looked for: its bytes whole, in every way in which it may be written. */
const FORMS: readonly (readonly [string, (secret: string) => string])[] = [
  ["as it is", (secret) => secret],
  ["in JSON", (secret) => JSON.stringify(secret).slice(1, -1)],
  ["in a URL", encodeURIComponent],
  ["in base64", (secret) => Buffer.from(secret).toString("base64").replaceAll("=", "")],
];

/** What of the secrets that call upstreams stands in a text; in base64 the characters that do not depend on what follows. */
function told(where: string, text: string): readonly string[] {
  return Object.entries(SECRETS).flatMap(([name, secret]) =>
    FORMS.flatMap(([form, write]) => unless(!text.includes(write(secret).slice(0, -1)), `${name} ${form} in ${where}`)),
  );
}

/** Where an upstream repeats what it was sent. */
const ECHOES: readonly (readonly [string, (form: string) => Answer])[] = [
  ["an error", (form) => ({ status: 404, headers: { "content-type": "text/plain" }, body: `no: ${form}` })],
  ["an error in JSON", (form) => ({ status: 500, headers: JSON_HEADERS, body: `{"error":{"message":"no ${form}"}}` })],
  ["a refusal of the key", (form) => ({ status: 401, headers: JSON_HEADERS, body: `{"error":{"message":"Incorrect API key ${form}"}}` })],
  [
    "a 400 about the key",
    (form) => ({ status: 400, headers: JSON_HEADERS, body: `{"error":{"message":"Incorrect API key provided: ${form}"}}` }),
  ],
  ["a header", (form) => ({ status: 422, headers: { ...JSON_HEADERS, "x-request-id": form }, body: '{"error":{"message":"no"}}' })],
  [
    "a header of an answer",
    (form) => ({ headers: { ...STREAM_HEADERS, "x-request-id": form }, body: [ROLE, chunk({ content: "ok" }, "stop")] }),
  ],
  ["the first event", (form) => ({ headers: STREAM_HEADERS, body: [event({ error: { message: `no ${form}`, code: 503 } })] })],
  [
    "a later event",
    (form) => ({ headers: STREAM_HEADERS, body: [ROLE, chunk({ content: "one" }), event({ error: { message: `no ${form}` } })] }),
  ],
];

/** An upstream's echo, and the session of the call that got it. */
interface Echo {
  readonly what: string;
  readonly answer: Answer;
  readonly session: string;
}

/** Asks under this echo, and looks through the answer. */
async function answered(place: Place, { what, answer, session }: Echo): Promise<readonly string[]> {
  place.upstream.always("a", answer);
  const { headers, body } = await place.post(CHAT, chat("route::one", { stream: true }), { "x-to11-session-id": session });
  return told(`the answer to ${what}`, `${JSON.stringify(headers)}\n${body.toString()}`);
}

async function traced(place: Place, { what, session }: Echo): Promise<readonly string[]> {
  const trace = await traceOf(place, session);
  const words = JSON.stringify(trace ?? null);
  return [
    ...unless(trace !== undefined, `${what} has no trace`),
    // In a trace a word is escaped once more.
    ...told(`the trace of ${what}`, `${words}\n${JSON.stringify(words)}`),
  ];
}

/** What upstreams do with the keys that they are sent. */
export const ECHOED: readonly Attack[] = [
  {
    name: "upstreams that repeat secrets",
    promise: "in no answer, header, trace or log, however they are written",
    at: EVERYWHERE,
    async run(place) {
      place.upstream.reset();
      const run = Math.round(performance.now());
      const echoes = ECHOES.flatMap(([what, answer]) =>
        FORMS.flatMap(([form, write]) =>
          [SECRETS.A_API_KEY, SECRETS.SIGNATURE].map((secret) => ({ what: `${what}, ${form}`, answer: answer(write(secret)) })),
        ),
      ).map((echo, at) => ({ ...echo, session: `echo-${run}-${at}` }));
      const inAnswers = await each(echoes, (echo) => answered(place, echo));
      const inTraces = await Promise.all(echoes.map((echo) => traced(place, echo)));
      return [...inAnswers, ...inTraces.flat(), ...told("the logs", place.logs())];
    },
  },
];
