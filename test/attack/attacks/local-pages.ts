import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { rawCall } from "../../support/raw-call.ts";
import { type Attack, each, unless } from "../attack.ts";

/** What lets in whoever is let in. */
const DOORS = ["/api/projects", "/v1/models", "/api/config"];

/** What pages send that are not the gateway's own; `PORT` is the gateway's. */
const FOREIGN: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["a name bound to this machine", { host: "evil.example:PORT" }],
  [
    "such a name, and an address for the local runtime",
    { host: "evil.example:PORT", "mf-original-url": "http://localhost:PORT/api/projects" },
  ],
  ["such a name behind a proxy", { host: "evil.example:PORT", "x-forwarded-host": "localhost:PORT", forwarded: "host=localhost" }],
  ["another origin", { host: "localhost:PORT", origin: "https://evil.example" }],
  ["another port's origin", { host: "localhost:PORT", origin: "http://localhost:1" }],
  ["no origin at all", { host: "localhost:PORT", origin: "null" }],
  ["another site", { host: "localhost:PORT", "sec-fetch-site": "cross-site" }],
  ["the same site without the page's cookie", { host: "localhost:PORT", "sec-fetch-site": "same-origin" }],
  ["a cookie that nobody set", { host: "localhost:PORT", "sec-fetch-site": "same-origin", cookie: `to11_dev_PORT=${"0".repeat(64)}` }],
  ["a proof that nobody gave", { host: "evil.example:PORT", "x-to11-dev-proof": "0".repeat(64) }],
];

const OF_OTHERS = 0o077;

/** What pages in a browser on this machine try, and what other users of it find. */
export const LOCAL_PAGES: readonly Attack[] = [
  {
    name: "pages of other origins",
    promise: "none is let in, by no name and no header",
    at: ["npm start"],
    run: ({ url }) =>
      each(FOREIGN, ([what, sent]) =>
        each(DOORS, async (door) => {
          const { port } = new URL(url);
          const headers = Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, value.replaceAll("PORT", port)]));
          const { status } = await rawCall(`http://127.0.0.1:${port}${door}`, { headers });
          return unless(status >= 400 && status < 500, `${what} at ${door}: ${status}`);
        }),
      ),
  },
  {
    name: "other users of the machine",
    promise: "the state folder is its user's alone",
    at: ["npm start"],
    async run({ stateDirectory = "" }) {
      const entries = await readdir(stateDirectory, { recursive: true, withFileTypes: true });
      const paths = [stateDirectory, ...entries.map((entry) => join(entry.parentPath, entry.name))];
      const breaches = await each(paths, async (path) => unless(((await stat(path)).mode & OF_OTHERS) === 0, `${path} is open to others`));
      return [...unless(paths.length > 4, "nothing is kept"), ...breaches];
    },
  },
];
