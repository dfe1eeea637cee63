import { setTimeout as sleep } from "node:timers/promises";
import { GATEWAY_KEY } from "../../support/gateway.ts";
import { callAndStay } from "../../support/leaving-caller.ts";
import { bearer } from "../../support/raw-call.ts";
import { openRequest, type RawSocket } from "../../support/raw-socket.ts";
import { answering, chat, chunk, DONE, event, FINISH, ROLE, STREAM_HEADERS } from "../../support/upstream.ts";
import { type Attack, each, EVERYWHERE, unless, unlike } from "../attack.ts";
import { IDLE_TIMEOUT_MS, type Place, traceOf } from "../place.ts";

const CHAT = "/v1/chat/completions";
const JSON_TYPE = { "content-type": "application/json" };
const MB = 1_000_000;

/** So many that what they announce is more than an isolate holds. */
const SLOW = 34;

/** The gateway looks at bodies that came to a stand after this long, s. */
const STALL_S = 15;

/** After so long a body of which nothing more comes is slower than any that may keep its room, ms. */
const STANDING_STILL_MS = 2_500;

/** By then whoever is refused in the middle of a body has been told, ms: what still comes of the body is read first. */
const ANSWER_MS = (STALL_S + 5) * 1_000;

/** An event that is longer than what is held of one. */
const HUGE_EVENT = chunk({ content: "x".repeat(9 * 1024 * 1024) });

/** What is poured at a caller who takes nothing: more than all buffers in between hold. */
const FLOOD = Array.from({ length: 256 }, () => chunk({ content: "x".repeat(256 * 1024) }));

/** A prompt of so many bytes goes through all the same. */
async function served({ upstream, post }: Place, bytes: number): Promise<readonly string[]> {
  upstream.always("a", answering("ok"));
  const startedAt = performance.now();
  const { status } = await post(CHAT, chat("route::one", { padding: "x".repeat(bytes) }));
  const seconds = (performance.now() - startedAt) / 1_000;
  return [...unlike(`another caller's ${bytes} bytes`, status, 200), ...unless(seconds < 10, `they took ${seconds.toFixed(1)} s`)];
}

/** Holds so many requests open, each with so much of its body sent, while `others` call. */
async function beside(
  place: Place,
  slow: { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly sent: number },
  others: (sockets: readonly RawSocket[]) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const opened = Array.from({ length: SLOW }, () => openRequest(place.url + slow.path, { ...JSON_TYPE, ...slow.headers }));
  const sockets = await Promise.all(opened);
  try {
    await Promise.all(sockets.map((socket) => socket.send(new Uint8Array(slow.sent).fill(0x20))));
    await sleep(STANDING_STILL_MS);
    return await others(sockets);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

const announced = (bytes: number): { readonly "content-length": string } => ({ "content-length": String(bytes) });

/** What callers try who want more than their share. */
export const GREEDY: readonly Attack[] = [
  {
    name: `${SLOW} slow bodies with a key`,
    promise: "nothing changes for others, whatever was announced or sent",
    at: EVERYWHERE,
    run: (place) =>
      each([0, 1.9 * MB], (sent) =>
        beside(place, { path: CHAT, headers: { ...announced(2 * MB), ...bearer(GATEWAY_KEY) }, sent }, () =>
          each([10, MB, 20 * MB], (bytes) => served(place, bytes)),
        ),
      ),
  },
  {
    name: `${SLOW} slow bodies without a key`,
    promise: "refused at once, without a look at the body",
    at: ["deployed"],
    run: (place) =>
      beside(place, { path: CHAT, headers: announced(2 * MB), sent: 0 }, async (sockets) => {
        const told = await Promise.all(sockets.map(async (socket) => (await socket.answer()).status));
        return [...unlike("their answers", [...new Set(told)], [401]), ...(await served(place, 20 * MB))];
      }),
  },
  {
    name: `${SLOW} slow sign-ins`,
    promise: "nothing changes for others; 4 KiB are read and no more",
    at: ["deployed"],
    run: (place) =>
      beside(place, { path: "/api/session", headers: announced(4096), sent: 4000 }, async () => {
        const long = await openRequest(`${place.url}/api/session`, { ...JSON_TYPE, ...announced(4097) });
        const { status } = await long.answer();
        long.destroy();
        return [...unlike("a sign-in of 4,097 bytes", status, 413), ...(await served(place, 20 * MB))];
      }),
  },
  {
    name: "a body that stands still",
    promise: `given up after ${STALL_S} s: 408`,
    at: EVERYWHERE,
    async run({ url }) {
      const socket = await openRequest(url + CHAT, { ...JSON_TYPE, ...announced(1_000), ...bearer(GATEWAY_KEY) });
      await socket.send('{"model":');
      const startedAt = performance.now();
      const answer = await Promise.race([socket.answer(), sleep(STALL_S * 2_000)]);
      const seconds = (performance.now() - startedAt) / 1_000;
      socket.destroy();
      if (answer === undefined) return ["no answer came"];
      return [
        ...unlike("its answer", [answer.status, answer.headers.get("x-to11-error-code")], [408, "request_timeout"]),
        ...unless(seconds > STALL_S - 2 && seconds < STALL_S + 5, `it came after ${seconds.toFixed(1)} s`),
      ];
    },
  },
  {
    name: "announced lengths that lie",
    promise: "too much: 413; too little: what came is judged; others go on",
    at: EVERYWHERE,
    async run(place) {
      const answerTo = async (length: string, body: string): Promise<number> => {
        const socket = await openRequest(place.url + CHAT, { ...JSON_TYPE, "content-length": length, ...bearer(GATEWAY_KEY) });
        await socket.send(body);
        const answer = await Promise.race([socket.answer().catch(() => undefined), sleep(ANSWER_MS)]);
        socket.destroy();
        return answer?.status ?? 0;
      };
      return [
        ...unlike("a terabyte", await answerTo("1000000000000", "{}"), 413),
        ...unlike("fewer than were sent", await answerTo("10", JSON.stringify(chat("route::one"))), 400),
        ...unless([0, 400].includes(await answerTo("-1", "{}")), "a negative length was taken"),
        ...(await served(place, 10)),
      ];
    },
  },
  {
    name: "an event of 9 MiB",
    promise: "its bytes go on as they came, and the answer is whole",
    at: EVERYWHERE,
    async run({ upstream, post }) {
      const events = [ROLE, HUGE_EVENT, FINISH, DONE].join("");
      upstream.always("a", { headers: STREAM_HEADERS, body: [ROLE, HUGE_EVENT, FINISH + DONE] });
      const { status, body } = await post(CHAT, chat("route::one", { stream: true }));
      return [
        ...unlike("the status", status, 200),
        ...unless(body.toString() === events, `${body.length} bytes, other than the upstream's`),
      ];
    },
  },
  {
    name: "a caller who stops reading",
    promise: "given up after idle_timeout_ms, the upstream closed, traced",
    at: EVERYWHERE,
    async run(place) {
      const { upstream, url } = place;
      upstream.reset();
      upstream.always("a", { headers: STREAM_HEADERS, body: [ROLE, ...FLOOD, event("[DONE]")], ending: "silence" });
      const session = `stops-${performance.now()}`;
      const headers = { ...JSON_TYPE, ...bearer(GATEWAY_KEY), "x-to11-session-id": session };
      const caller = await callAndStay(url + CHAT, { headers, body: JSON.stringify(chat("route::one", { stream: true })) });
      await caller.untilSeen("chat.completion.chunk");
      caller.pause();
      await sleep(IDLE_TIMEOUT_MS);
      const trace = await traceOf(place, session);
      const [call] = upstream.calls("a");
      caller.reset();
      return [...unlike("its trace", trace?.outcome, "client_closed"), ...unlike("the upstream's connection", call?.ending, "left")];
    },
  },
];
