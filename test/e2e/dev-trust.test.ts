import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { CHROMIUM, openPage, startBrowser } from "../support/browser.ts";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";
import { rawCall, type RawResponse } from "../support/raw-call.ts";
import { freePort, newDirectory, ROUTES, to11 } from "./to11-process.ts";

let gateway: DevGateway;
let port: string;

beforeAll(async () => {
  gateway = await startDevGateway(ROUTES);
  port = new URL(gateway.url).port;
});
afterAll(() => gateway.end());

/** What lets a caller in where nobody has a key, and what asks for nothing but being let in. */
const DOORS = ["/api/projects", "/v1/models"];

function knock(path: string, headers: Readonly<Record<string, string>>, at = port): Promise<RawResponse> {
  return rawCall(`http://127.0.0.1:${at}${path}`, { headers: { host: `localhost:${port}`, ...headers } });
}

/** The cookie that the dashboard's page sets. */
async function pageCookie(headers: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
  const page = await knock("/", headers);
  expect(page.status).toBe(200);
  const [cookie] = [page.headers["set-cookie"] ?? []].flat();
  return cookie;
}

describe("a caller that is no browser", () => {
  it.each([
    ["curl", { "user-agent": "curl/8.14.1", accept: "*/*" }],
    ["Node's fetch", { "user-agent": "node", accept: "*/*", "accept-language": "*", "sec-fetch-mode": "cors" }],
    ["nothing said", {}],
    ["by the address", { host: "127.0.0.1" }],
  ])("needs nothing: %s", async (_name, headers) => {
    for (const door of DOORS) expect((await knock(door, headers)).status).toBe(200);
  });
});

describe("a browser", () => {
  const BROWSERS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ["a call of its own page", { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" }],
    ["a write of its own page", { origin: "OWN", "sec-fetch-site": "same-origin" }],
    ["the address line", { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" }],
    ["the address line of an old one", { "user-agent": "Mozilla/5.0 (X11; Linux x86_64)", accept: "text/html,application/xhtml+xml" }],
  ];

  it.each(BROWSERS)("is believed with the cookie that the page has set, and not without: %s", async (_name, sent) => {
    const headers = { ...sent, ...(sent["origin"] === undefined ? {} : { origin: `http://localhost:${port}` }) };
    const cookie = (await pageCookie())?.split(";", 1).join("") ?? "";
    for (const door of DOORS) {
      expect((await knock(door, { ...headers, cookie: `theme=dark; ${cookie}` })).status).toBe(200);
      const refused = await knock(door, headers);
      expect([refused.status, refused.body.toString()]).toEqual([401, expect.stringContaining("to11 dev")]);
      expect((await knock(door, { ...headers, cookie: `${cookie.slice(0, -1)}x` })).status).toBe(401);
    }
  });

  it("gets a cookie that no script reads and no other site sends, for this machine's own names only", async () => {
    expect(await pageCookie()).toMatch(/^to11_dev_\d+=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(await pageCookie({ host: `evil.example:${port}` })).toBeUndefined();
    expect((await knock("/favicon.svg", {})).headers["set-cookie"]).toBeUndefined();
  });

  it.each([{ "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }, { origin: "https://evil.example" }])(
    "with a page of another origin in it is refused, cookie or not: %j",
    async (headers) => {
      const cookie = (await pageCookie())?.split(";", 1).join("") ?? "";
      for (const door of DOORS) expect((await knock(door, { ...headers, cookie })).status).toBe(403);
    },
  );
});

describe("a page that has bound its name to this machine", () => {
  const ADDRESS = "MF-Original-URL";

  it.each<[string, Record<string, string>]>([
    ["under its own name", {}],
    ["with an address in a header of the local runtime's", { [ADDRESS]: "http://localhost:PORT/api/projects" }],
    ["with an address and a protocol", { [ADDRESS]: "http://localhost:PORT/api/projects", "X-Forwarded-Proto": "http" }],
    ["with a host in headers of proxies", { "X-Forwarded-Host": "localhost:PORT", Forwarded: "host=localhost" }],
    ["as one of Node", { [ADDRESS]: "http://localhost:PORT/api/projects", "accept-language": "*", "MF-Sec-Fetch-Mode": "cors" }],
  ])("is not let in %s", async (_name, sent) => {
    const headers = Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, value.replace("PORT", port)]));
    for (const door of DOORS) expect((await knock(door, { host: `evil.example:${port}`, ...headers })).status).not.toBe(200);
  });

  it("is not let in by an address in the place of a path", async () => {
    const { request } = await import("node:http");
    const status = await new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port, path: `http://localhost:${port}/api/projects`, headers: { host: `evil.example:${port}` } };
      request(options, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end();
    });
    expect(status).not.toBe(200);
  });

  it("is not let in by any other port of the gateway's", async () => {
    const ports = listeningPorts(gateway.directory).filter((each) => each !== port);
    expect(ports.length).toBeGreaterThan(0);
    for (const each of ports) {
      for (const headers of [{}, { [ADDRESS]: `http://localhost:${port}/api/projects` }, { host: `evil.example:${each}` }]) {
        for (const door of DOORS) {
          const answer = await knock(door, headers, each).catch(() => undefined);
          expect(answer?.status, `port ${each}`).not.toBe(200);
        }
      }
    }
  });

  test.skipIf(CHROMIUM === undefined)("in a real browser reads nothing, by the headers that a page may set", async () => {
    const browser = await startBrowser([`--host-resolver-rules=MAP evil.example 127.0.0.1`]);
    try {
      const { page } = await openPage(browser);
      await page.goto(`http://evil.example:${port}/`);
      const read = (headers: Readonly<Record<string, string>>): Promise<unknown> =>
        page.evaluate(
          `fetch("/api/projects", { headers: ${JSON.stringify(headers)}, referrerPolicy: "no-referrer" }).then((answer) => answer.status)`,
        );
      const address = { [ADDRESS]: `http://localhost:${port}/api/projects` };
      for (const headers of [
        {},
        address,
        { ...address, "User-Agent": "curl/8.14.1", "Accept-Language": "*", "MF-Sec-Fetch-Mode": "cors" },
      ]) {
        expect(await read(headers)).toBe(401);
      }
      await page.goto(`http://localhost:${port}/`);
      expect(await read({})).toBe(200);
    } finally {
      await browser.close();
    }
  });
});

/** The ports of loopback on which the processes listen that know this directory, and those that they have started. */
function listeningPorts(directory: string): readonly string[] {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,pgid=,args="], { encoding: "utf8" }).trim().split("\n");
  const all = rows.map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? []);
  const knowing = all.filter(([, , , args]) => args?.includes(directory));
  const groups = new Set(knowing.filter(([, pid, group]) => pid === group).map(([, , group]) => group));
  const pids = [...knowing, ...all.filter(([, , group]) => groups.has(group))].map(([, pid]) => pid ?? "");
  const sockets = new Set(pids.flatMap(socketsOf));
  const tcp = readFileSync("/proc/net/tcp", "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((row) => row.trim().split(/\s+/));
  const listening = tcp.filter(([, , , state, , , , , , inode]) => state === "0A" && sockets.has(inode ?? ""));
  return [...new Set(listening.map(([, local]) => String(Number.parseInt(local?.split(":")[1] ?? "", 16))))];
}

function socketsOf(pid: string): readonly string[] {
  try {
    const links = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
  } catch {
    return []; // It has ended meanwhile, and listens on nothing.
  }
}

describe("what to11 dev keeps", () => {
  const KEY = "planted-key-of-a-query-string";
  let upstream: Server;
  let asked: string[];

  beforeAll(async () => {
    asked = [];
    upstream = createServer((request, response) => {
      asked.push(request.url ?? "");
      response
        .writeHead(200, { "content-type": "application/json" })
        .end('{"choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}');
    });
    await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => upstream.close());

  it("is private to its user, what an earlier run has left included, and holds no key of a query string", async () => {
    const cwd = await newDirectory();
    const { port: upstreamPort } = upstream.address() as AddressInfo;
    const provider = `[providers.own]\nbase_url = "http://127.0.0.1:${upstreamPort}/v1"\nmodels = ["m"]\nauth_type = "query_param"\n[targets.own]\nmodel = "m"\n`;
    await writeFile(join(cwd, "routes.toml"), provider);
    const state = join(cwd, "state");
    await mkdir(join(state, "v3", "earlier"), { recursive: true, mode: 0o755 });
    await writeFile(join(state, "v3", "earlier", "traces.sqlite"), "", { mode: 0o644 });
    await chmod(state, 0o755);
    const devPort = await freePort();
    const dev = to11(["dev", "--port", String(devPort), "--persist-to", state], { cwd, variables: { OWN_API_KEY: KEY } });
    try {
      await dev.says("Ready on");
      for (let each = 0; each < 3; each += 1) {
        const body = JSON.stringify({ model: "m", messages: [] });
        const headers = { "content-type": "application/json" };
        expect(
          (await rawCall(`http://localhost:${devPort}/v1/chat/completions?key=${KEY}`, { method: "POST", headers, body })).status,
        ).toBe(200);
      }
      expect(asked).toContain(`/v1/chat/completions?key=${KEY}`);
    } finally {
      dev.child.kill("SIGINT");
      await dev.exited;
    }
    const entries = await readdir(state, { recursive: true, withFileTypes: true });
    const kept = await Promise.all(
      [state, ...entries.map((entry) => join(entry.parentPath, entry.name))].map(async (path) => ({
        path,
        mode: (await stat(path)).mode & 0o777,
        isFile: (await stat(path)).isFile(),
      })),
    );
    expect(kept.filter(({ isFile }) => isFile).length).toBeGreaterThan(4);
    expect(kept.filter(({ mode, isFile }) => mode !== (isFile ? 0o600 : 0o700))).toEqual([]);
    for (const { path, isFile } of kept) if (isFile) expect(readFileSync(path, "latin1").includes(KEY), path).toBe(false);
    expect(dev.output()).not.toContain(KEY);
  });
});
