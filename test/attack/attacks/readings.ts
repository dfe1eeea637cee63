import { rawCall, type RawResponse } from "../../support/raw-call.ts";
import { answering, chat } from "../../support/upstream.ts";
import { type Attack, each, EVERYWHERE, unless, unlike } from "../attack.ts";
import { type Place, traceOf } from "../place.ts";

const CHAT = "/v1/chat/completions";
const FORM_PATH = "/v1/audio/transcriptions";
const JSON_TYPE = "application/json";
const FORM_TYPE = "multipart/form-data; boundary=XX";

const part = (headers: string, value = "route::one"): string => `--XX\r\n${headers}\r\n\r\n${value}\r\n`;
const NAMED = 'Content-Disposition: form-data; name="model"';
const END = "--XX--\r\n";

/** Bodies that two readers would read in different ways: what, path, content type, body. */
const TWO_READINGS: readonly (readonly [string, string, string, string | Uint8Array])[] = [
  ["two models", CHAT, JSON_TYPE, '{"model":"route::one","model":"route::two"}'],
  ["two models, one in escapes", CHAT, JSON_TYPE, String.raw`{"model":"route::one","mod\u0065l":"route::two"}`],
  ["a second model in another case", CHAT, JSON_TYPE, '{"model":"route::one","Model":"route::two"}'],
  ["a charset other than UTF-8", CHAT, "application/json; charset=utf-16le", '{"model":"route::one"}'],
  ["UTF-16", CHAT, JSON_TYPE, Buffer.from('{"model":"route::one"}', "utf16le")],
  ["a byte order mark", CHAT, JSON_TYPE, '\u{FEFF}{"model":"route::one"}'],
  ["two content types", CHAT, "application/json, text/plain", '{"model":"route::one"}'],
  ["two boundaries", FORM_PATH, "multipart/form-data; boundary=XX; boundary=YY", part(NAMED) + END],
  ["a preamble", FORM_PATH, FORM_TYPE, `preamble\r\n${part(NAMED)}${END}`],
  ["two model parts", FORM_PATH, FORM_TYPE, part(NAMED) + part(NAMED, "route::two") + END],
  ["two names of a part", FORM_PATH, FORM_TYPE, part(`${NAMED}; name="x"`) + END],
  ["two dispositions of a part", FORM_PATH, FORM_TYPE, part(`${NAMED}\r\nContent-Disposition: form-data; name="x"`) + END],
  ["a part behind the end", FORM_PATH, FORM_TYPE, part(NAMED) + END + part(NAMED, "route::two") + END],
];

const members = (count: number): string => `{"model":"route::one",${Array.from({ length: count - 1 }, (_, at) => `"k${at}":0`).join(",")}}`;
const parts = (count: number): string => part('Content-Disposition: form-data; name="x"', "y").repeat(count - 1) + part(NAMED) + END;

function send({ url, key }: Place, path: string, type: string, body: string | Uint8Array): Promise<RawResponse> {
  return rawCall(url + path, { method: "POST", headers: { ...key, "content-type": type }, body });
}

/** What callers try who want the gateway to read something else than the upstream. */
export const READINGS: readonly Attack[] = [
  {
    name: "two readings of one request",
    promise: "400, in words of its own, and nobody is called",
    at: EVERYWHERE,
    run: (place) =>
      each(TWO_READINGS, async ([what, path, type, body]) => {
        place.upstream.reset();
        const { status } = await send(place, path, type, body);
        return [...unlike(what, status, 400), ...unlike(`${what}: calls`, place.upstream.calls().length, 0)];
      }),
  },
  {
    name: "1,001 members or parts",
    promise: "400; 1,000 are read",
    at: EVERYWHERE,
    async run(place) {
      place.upstream.reset();
      place.upstream.always("a", answering("ok"));
      const json = async (count: number): Promise<number> => (await send(place, CHAT, JSON_TYPE, members(count))).status;
      const form = async (count: number): Promise<number> => (await send(place, FORM_PATH, FORM_TYPE, parts(count))).status;
      return [
        ...unlike("1,000 members", await json(1000), 200),
        ...unlike("1,001 members", await json(1001), 400),
        ...unlike("1,001 parts", await form(1001), 400),
        ...unlike("100,000 members", await json(100_000), 400),
        ...unlike("calls", place.upstream.calls().length, 1),
      ];
    },
  },
  {
    name: "long labels, paths and models",
    promise: "capped in the trace; what others send is stored all the same",
    at: EVERYWHERE,
    async run(place) {
      const long = "x".repeat(8_000);
      place.upstream.reset();
      place.upstream.always("a", answering("ok"));
      const session = (who: string): string => `${who}-${Math.round(performance.now())}`;
      const [greedy, other] = [session("greedy"), session("other")];
      const labels = { "x-to11-user-id": long, "x-to11-conversation-id": long, "x-to11-env": long, "user-agent": long };
      await Promise.all([
        ...Array.from({ length: 40 }, () => place.post(CHAT, chat("route::one"), { ...labels, "x-to11-session-id": greedy })),
        place.post(CHAT, chat("route::one"), { "x-to11-session-id": other, "x-to11-user-id": "alice" }),
        place.post(`/v1/${long}`, {}),
        place.post(CHAT, chat(long)),
      ]);
      const [trace, others] = [await traceOf(place, greedy), await traceOf(place, other)];
      return [
        ...unless(trace !== undefined && JSON.stringify(trace).length < 8_000, "the long labels are stored whole, or not at all"),
        ...unless((trace?.user_id?.length ?? Infinity) <= 256, "a label of more than 256 characters is stored"),
        ...unlike("another caller's trace", others?.user_id, "alice"),
      ];
    },
  },
];
