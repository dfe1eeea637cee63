import { GATEWAY_KEY } from "../../support/gateway.ts";
import { bearer, rawCall, rawModels, rawPost } from "../../support/raw-call.ts";
import { type Attack, each, unless, unlike } from "../attack.ts";

const NOBODYS_KEY = "to11_key-that-no-secret-of-the-worker-has-00003";
const DEPLOYED: Attack["at"] = ["deployed"];

/** More wrong keys than any throttle should take. */
const GUESSES = 12;
const TOO_MANY = 429;
const REFUSED = 401;

const PLANTED = Array.from({ length: 20 }, (_, at) => `planted-${at}`);

const guess = (url: string, address: string, key = "x".repeat(40)): ReturnType<typeof rawCall> =>
  rawCall(`${url}/api/projects`, { headers: { authorization: `Bearer ${key}`, "cf-connecting-ip": address } });

/** What strangers try who want to know more, or be more. */
export const STRANGERS: readonly Attack[] = [
  {
    name: "strangers name projects",
    promise: "one answer for all projects, and KV is asked for none of them",
    at: DEPLOYED,
    async run({ url, plant, admin }) {
      // A pointer that is garbage is told by /health once anybody has made the gateway read it.
      for (const project of PLANTED) await plant?.(`pointer:${project}`, "garbage", { open: false });
      const told = new Set<string>();
      for (const project of [...PLANTED, "default", "made-up", "../default"]) {
        for (const key of [undefined, NOBODYS_KEY]) {
          const named = { "x-to11-project-id": project, ...(key === undefined ? {} : bearer(key)) };
          const { status, body } = await rawModels(url, named);
          told.add(`${key === undefined ? "no key" : "a wrong key"}: ${status} ${body.toString()}`);
        }
      }
      const before = (await admin("/health")).body.toString();
      await rawModels(url, { ...bearer(GATEWAY_KEY), "x-to11-project-id": PLANTED[0] ?? "" });
      const after = (await admin("/health")).body.toString();
      return [
        ...unlike("different answers", told.size, 2),
        ...unless(!before.includes("planted-"), "a stranger made the gateway read a project's pointer"),
        ...unless(after.includes("planted-0"), "whether a pointer was read cannot be seen: /health does not tell"),
      ];
    },
  },
  {
    name: "guesses of the admin key",
    promise: "throttled, whoever asks from that address; other addresses go on",
    at: DEPLOYED,
    async run({ url }) {
      const told: number[] = [];
      for (let at = 0; at < GUESSES; at += 1) told.push((await guess(url, "192.0.2.1")).status);
      for (let at = 0; at < GUESSES; at += 1) told.push((await guess(url, `2001:db8:1:2::${at.toString(16)}`)).status);
      const [v4, v6] = [told.slice(0, GUESSES), told.slice(GUESSES)];
      const signIn = await rawPost(`${url}/api/session`, { key: "x".repeat(40) }, { "cf-connecting-ip": "192.0.2.1" });
      return [
        ...unlike("the last guess of an IPv4 address", v4.at(-1), TOO_MANY),
        ...unlike("the last guess of an IPv6 network", v6.at(-1), TOO_MANY),
        ...unless(v4.filter((status) => status === REFUSED).length <= 6, `more than 6 guesses were judged: ${v4.join(" ")}`),
        ...unlike("a sign-in from there", signIn.status, TOO_MANY),
        ...unlike("a guess from elsewhere", (await guess(url, "192.0.2.9")).status, REFUSED),
      ];
    },
  },
  {
    name: "cookies that nobody issued",
    promise: "refused, and not one counts as a guess: they reach no object",
    at: DEPLOYED,
    async run({ url, admin }) {
      const cookie = `__Host-to11_session=${"a".repeat(64)}.${"b".repeat(64)}`;
      const address = { "cf-connecting-ip": "192.0.2.20" };
      const told = new Set<number>();
      for (let at = 0; at < 50; at += 1) told.add((await rawCall(`${url}/api/projects`, { headers: { cookie, ...address } })).status);
      return [
        ...unlike("their answers", [...told], [REFUSED]),
        ...unlike("the operator behind them", (await admin("/api/projects", { headers: address })).status, 200),
      ];
    },
  },
  {
    name: "secrets in any header",
    promise: "no header that holds a key of the gateway's goes upstream",
    at: ["deployed", "npm start"],
    run: ({ upstream, post }) =>
      each(["anthropic-beta", "idempotency-key", "accept", "tracestate"], async (name) => {
        upstream.reset();
        await post("/v1/chat/completions", { model: "route::one", messages: [] }, { [name]: `x ${GATEWAY_KEY}` });
        const sent = upstream.calls("a").map((call) => call.rawHeaders.join("\n"));
        return unless(sent.length === 1 && !sent.join("").includes(GATEWAY_KEY), `${name} went upstream, or nothing did`);
      }),
  },
];
