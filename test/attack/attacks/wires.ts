import type { Step } from "../../../src/simulator/index.ts";
import { answering, chat, chunk, completion, DONE, FINISH, JSON_HEADERS, ROLE, STREAM_HEADERS } from "../../support/upstream.ts";
import { type Attack, each, EVERYWHERE, unless, unlike } from "../attack.ts";

const CHAT = "/v1/chat/completions";
const EVENTS = ROLE + chunk({ content: "whole" }) + FINISH + DONE;
const BOM = "\u{FEFF}";

/** Answers that are whole, whatever they say of themselves: what, whether a stream was asked for, the answer, what the caller gets. */
const WHOLE: readonly (readonly [string, boolean, Step, string])[] = [
  ["events under text/plain", true, { headers: { "content-type": "text/plain" }, body: [EVENTS] }, EVENTS],
  ["events under application/octet-stream", true, { headers: { "content-type": "application/octet-stream" }, body: [EVENTS] }, EVENTS],
  ["events under no type", true, { body: [EVENTS] }, EVENTS],
  ["a byte order mark before events", true, { headers: STREAM_HEADERS, body: [BOM + EVENTS] }, BOM + EVENTS],
  ["a byte order mark before JSON", false, { headers: JSON_HEADERS, body: BOM + completion("whole") }, BOM + completion("whole")],
  [
    "an error that is empty",
    false,
    { headers: JSON_HEADERS, body: completion("whole").replace("{", '{"error":null,') },
    completion("whole").replace("{", '{"error":null,'),
  ],
];

/** Answers that are none: the next target answers. */
const NONE: readonly (readonly [string, Step])[] = [
  ['{"detail"} under 200', { headers: JSON_HEADERS, body: '{"detail":"no"}' }],
  ["{} under 200", { headers: JSON_HEADERS, body: "{}" }],
  ["nothing under 200", { headers: JSON_HEADERS, body: "" }],
  ["a page under 200", { headers: { "content-type": "text/html" }, body: "<script>alert(1)</script>" }],
  ["half an answer", { headers: JSON_HEADERS, body: completion("half").slice(0, 60) }],
  ["an answer that breaks off", { headers: JSON_HEADERS, body: [completion("half").slice(0, 60)], ending: "reset" }],
  ["status 600", { raw: ["HTTP/1.1 600 -\r\nContent-Length: 2\r\n\r\nno"] }],
  ["status 999", { raw: ["HTTP/1.1 999 -\r\nContent-Length: 2\r\n\r\nno"] }],
  ["no HTTP at all", { raw: ["\u0000\u0001 what is this\r\n\r\n"] }],
  ["a connection closed", { noAnswer: "close" }],
  ["a connection reset", { noAnswer: "reset" }],
];

/** What upstreams do to those who believe them. */
export const WIRES: readonly Attack[] = [
  {
    name: "whole answers in odd clothes",
    promise: "judged by what they say; every byte goes on",
    at: EVERYWHERE,
    run: ({ upstream, post }) =>
      each(WHOLE, async ([what, stream, step, expected]) => {
        upstream.reset();
        upstream.always("a", step);
        const { status, body } = await post(CHAT, chat("route::two", stream ? { stream } : {}));
        return [...unlike(`${what}: status`, status, 200), ...unlike(what, body.toString(), expected)];
      }),
  },
  {
    name: "answers that are none",
    promise: "the upstream's fault, never the gateway's: the next target answers",
    at: EVERYWHERE,
    run: ({ upstream, post }) =>
      each(NONE, async ([what, step]) => {
        upstream.reset();
        upstream.always("a", step);
        upstream.always("b", answering("of b"));
        const { status, body } = await post(CHAT, chat("route::two"));
        const alone = await post(CHAT, chat("route::one"));
        return [
          ...unlike(what, [status, body.toString()], [200, completion("of b")]),
          ...unlike(`${what}, without another target`, alone.headers["x-to11-error-code"] === "internal", false),
        ];
      }),
  },
  {
    name: "pages and control characters",
    promise: "nothing becomes a page of the gateway's, no header commands a terminal",
    at: EVERYWHERE,
    async run({ upstream, post }) {
      upstream.reset();
      upstream.always("a", { status: 404, headers: { "content-type": "text/html" }, body: "<script>alert(1)</script>" });
      const page = await post(CHAT, chat("route::one"));
      const head =
        "HTTP/1.1 404 -\r\nContent-Type: application/json\r\nContent-Length: 2\r\nx-request-id: a\u001B[31mb\u0007\u0085c\r\n\r\n{}";
      upstream.always("a", { raw: [Buffer.from(head, "latin1")] });
      const dressed = await post(CHAT, chat("route::one"));
      const id = String(dressed.headers["x-request-id"]);
      return [
        ...unless(
          String(page.headers["content-type"]).startsWith("text/plain"),
          `a page is sent as ${String(page.headers["content-type"])}`,
        ),
        ...unlike("nosniff", page.headers["x-content-type-options"], "nosniff"),
        ...unlike("its policy", page.headers["content-security-policy"], "sandbox"),
        // oxlint-disable-next-line no-control-regex -- They are what is looked for.
        ...unless(!/[\u0000-\u001F\u007F-\u009F]/.test(id), `a header holds control characters: ${JSON.stringify(id)}`),
      ];
    },
  },
];
