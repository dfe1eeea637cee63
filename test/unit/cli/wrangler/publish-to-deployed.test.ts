import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { publishToDeployed } from "../../../../src/cli/wrangler/deploy.ts";

const [OLD, NEW] = ["a".repeat(64), "b".repeat(64)];

/** What serves at a gateway, and whether its Worker publishes the deployed file while it is being published to. */
let serving: { version: string; toml: string; source: "published" | "bundled" };
let isFirst: boolean;
let puts: string[];
let server: Server;
let url: string;

beforeEach(async () => {
  serving = { version: OLD, toml: "old", source: "published" };
  isFirst = false;
  puts = [];
  server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    const published = { project: "default", published_at: "2026-11-20T12:00:00.000Z", warnings: [] };
    if (request.method === "GET") return answer(200, { ...published, ...serving, author: "deploy", deployed_version: NEW });
    puts.push(String(request.headers["if-match"]));
    if (isFirst) {
      serving = { version: NEW, toml: "new", source: "published" };
      return answer(412, { error: { message: "somebody was first", code: "version_conflict" } });
    }
    answer(200, { ...published, version: NEW, distributed: true });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((closed) => server.close(closed)));

const publish = (toml: string): Promise<string> => publishToDeployed({ url, project: "default", adminKey: "k".repeat(32) }, toml);

describe("publishing what was deployed just now", () => {
  it("goes over what serves", async () => {
    expect(await publish("new")).toBe(NEW);
    expect(puts).toEqual([`"${OLD}"`]);
  });

  it("is done where the Worker has published its file itself already, but not where the file only serves for want of another", async () => {
    serving = { version: NEW, toml: "new", source: "published" };
    expect(await publish("new")).toBe(NEW);
    expect(puts).toEqual([]);
    serving = { version: NEW, toml: "new", source: "bundled" };
    expect(await publish("new")).toBe(NEW);
    expect(puts).toEqual([`"${NEW}"`]);
  });

  it("is done, too, where the Worker does so in between", async () => {
    isFirst = true;
    expect(await publish("new")).toBe(NEW);
    expect(puts).toEqual([`"${OLD}"`]);
  });

  it("is refused where somebody else was first", async () => {
    isFirst = true;
    await expect(publish("another")).rejects.toThrow("Nothing was published.");
  });
});
