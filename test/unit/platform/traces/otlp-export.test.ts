import { beforeEach, expect, test, vi } from "vitest";
import type { SecretSite } from "../../../../src/core/secrets/secret-site.ts";
import { OtlpExport } from "../../../../src/platform/traces/otlp-export.ts";
import { tableOf } from "../../../support/table.ts";
import { traceAt } from "../../../support/trace-at.ts";

const ENDPOINT = "https://collector.example.com/v1/traces";
const TABLE = tableOf(`
[auth]
open = true
[traces]
otlp_endpoint = "${ENDPOINT}"
otlp_headers = { authorization = "env::OTLP_AUTH", x-team = "blue" }
`);
const RECORD = JSON.stringify(traceAt(0, 1));

let nowMs: number;
let pauses: number[];
let answers: (() => Promise<Response>)[];
let calls: { readonly url: string; readonly init: RequestInit; readonly body: unknown }[];
let logged: string;

beforeEach(() => {
  nowMs = 0;
  pauses = [];
  answers = [];
  calls = [];
  logged = "";
  vi.spyOn(console, "error").mockImplementation((...words: unknown[]) => void (logged += JSON.stringify(words)));
});

function newExport(
  secret: (name: string, site: SecretSite) => { readonly value: string } | { readonly fault: "missing" } = () => ({
    value: "Bearer secret",
  }),
): OtlpExport {
  return new OtlpExport({
    table: (project) => (project === "default" ? TABLE : undefined),
    secret,
    fetch: (url, init) => {
      calls.push({ url, init, body: JSON.parse(typeof init.body === "string" ? init.body : "null") });
      return answers.shift()?.() ?? Promise.resolve(new Response("{}"));
    },
    now: () => nowMs,
    sleep: (ms) => Promise.resolve(void pauses.push(ms)),
  });
}

const answering = (status: number) => () => Promise.resolve(new Response("", { status }));
const breaking = () => Promise.reject(new TypeError("Bearer secret is no header"));

test("traces go to the endpoint with its headers, in one call", async () => {
  const exports = newExport();
  await exports.send("default", [RECORD, RECORD]);
  expect(calls.map(({ url }) => url)).toEqual([ENDPOINT]);
  expect(calls[0]?.init).toMatchObject({ method: "POST", redirect: "manual" });
  expect(Object.fromEntries(new Headers(calls[0]?.init.headers))).toEqual({
    "content-type": "application/json",
    authorization: "Bearer secret",
    "x-team": "blue",
  });
  expect(calls[0]?.body).toMatchObject({ resourceSpans: [{ scopeSpans: [{ spans: [{ kind: 2 }, { kind: 2 }] }] }] });
  expect(exports.lost()).toBe(0);
});

test("a project that names no collector calls nobody", async () => {
  const exports = newExport();
  await exports.send("other", [RECORD]);
  expect(calls).toEqual([]);
  expect(exports.lost()).toBe(0);
});

test.each([
  ["503, then success", [answering(503)], 2, 0],
  ["a broken connection, then success", [breaking], 2, 0],
  ["429 twice", [answering(429), answering(429)], 2, 3],
  ["nobody there", [breaking, breaking], 2, 3],
  ["400, which no second try mends", [answering(400)], 1, 3],
  ["a redirect, which would take the headers along", [answering(307)], 1, 3],
])("a collector with %s", async (_what, scripted, made, lost) => {
  answers = [...scripted];
  const exports = newExport();
  await exports.send("default", [RECORD, RECORD, RECORD]);
  expect(calls).toHaveLength(made);
  expect(pauses).toEqual(made === 2 ? [250] : []);
  expect(exports.lost()).toBe(lost);
  expect(logged === "").toBe(lost === 0);
  expect(logged).not.toContain("secret");
});

/** The size of each batch that was sent. */
const sizes = (): readonly number[] =>
  calls.map(
    ({ body }) => (body as { resourceSpans: [{ scopeSpans: [{ spans: unknown[] }] }] }).resourceSpans[0].scopeSpans[0].spans.length,
  );

test("a batch that is too large for a collector is sent in halves, until each part fits", async () => {
  const exports = newExport();
  answers = [answering(413), answering(413), answering(200), answering(503), answering(200), answering(200)];
  await exports.send("default", [RECORD, RECORD, RECORD, RECORD, RECORD]);
  expect(sizes()).toEqual([5, 3, 2, 1, 1, 2]);
  expect([exports.lost(), logged, pauses]).toEqual([0, "", [250]]);
});

test("a trace that is too large by itself is lost, counted and told of; those beside it are not", async () => {
  const exports = newExport();
  answers = [answering(413), answering(413), answering(413), answering(200), answering(400)];
  await exports.send("default", [RECORD, RECORD, RECORD, RECORD]);
  expect(sizes()).toEqual([4, 2, 1, 1, 2]);
  expect(exports.lost()).toBe(3);
  expect(logged).toContain('"traces":1,"reason":"each of these is too large for it by itself (413)"');
  expect(logged).toContain('"traces":2,"reason":"it answered with 400"');
});

test("a secret is asked for by where it goes", async () => {
  const asked: unknown[] = [];
  const exports = newExport((name, site) => {
    asked.push([name, site]);
    return { value: "Bearer secret" };
  });
  await exports.send("default", [RECORD]);
  expect(asked).toEqual([["OTLP_AUTH", { origin: new URL(ENDPOINT).origin, place: "header", name: "authorization" }]]);
});

test("a header whose secret is missing is not sent as anything else", async () => {
  const exports = newExport(() => ({ fault: "missing" }));
  await exports.send("default", [RECORD]);
  expect(calls).toEqual([]);
  expect(exports.lost()).toBe(1);
  expect(logged).toContain("authorization is missing");
});

test("a slow collector holds 1,000 traces at most, and those cut off with their request for 30 s only", async () => {
  const exports = newExport();
  const hanging = Array.from({ length: 10 }, () => new Promise<Response>(() => undefined));
  answers = hanging.map((answer) => () => answer);
  for (let n = 0; n < 10; n += 1)
    void exports.send(
      "default",
      Array.from({ length: 100 }, () => RECORD),
    );
  await exports.send("default", [RECORD]);
  expect(calls).toHaveLength(10);
  expect(exports.lost()).toBe(1);
  nowMs = 30_000;
  await exports.send("default", [RECORD]);
  expect(calls).toHaveLength(11);
  expect(exports.lost()).toBe(1 + 1000);
});
