import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";
import { ROUTES, runTo11 } from "./to11-process.ts";

describe("several projects of one gateway", () => {
  let gateway: DevGateway;
  const staging = `[project]\nid = "staging"\n${ROUTES.replaceAll(/\b(primary|mini)\b(?!")/g, "$1-trial").replaceAll(/"(primary|mini)"/g, '"$1-trial"')}`;

  beforeAll(async () => {
    gateway = await startDevGateway(ROUTES);
    await writeFile(join(gateway.directory, "staging.toml"), staging);
  });
  afterAll(() => gateway?.end());

  const targetFor = async (project: string): Promise<string | null> => {
    const response = await fetch(`${gateway.baseUrl}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-to11-project-id": project },
      body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "Hello" }] }),
    });
    await response.text();
    return response.headers.get("x-to11-target");
  };

  test("a project is made by publishing to it, listed with what serves it, and published to again", async () => {
    expect(await gateway.command("projects")).toMatch(/^PROJECT +VERSION +SOURCE +SINCE\ndefault +[0-9a-f]{8} +published +20\d\d-\S+Z\n$/);
    const publish = ["publish", "--project", "staging", "--routes", "staging.toml"];
    const version = /^Published ([0-9a-f]{8}) to project staging, which is new\n$/.exec(await gateway.command(...publish))?.[1] ?? "none";
    expect(await gateway.command("projects")).toMatch(new RegExp(`^staging +${version} +published +20\\d\\d-\\S+Z$`, "m"));
    const list = JSON.parse(await gateway.command("projects", "--json")) as { id: string; published_at: string }[];
    expect(list.map(({ id }) => id)).toEqual(["default", "staging"]);
    await expect.poll(() => targetFor("staging"), { timeout: 15_000, interval: 250 }).toMatch(/^(primary|mini)-trial$/);

    await writeFile(join(gateway.directory, "staging.toml"), `# again\n${staging}`);
    expect(await gateway.command(...publish)).toMatch(/^Published [0-9a-f]{8} to project staging\n$/);
    expect(await gateway.command("pull", "--project", "staging")).toContain("# again");
  });

  test("a file of another project is refused, which names both", async () => {
    const { code, output } = await runTo11(["publish", "--project", "other", "--url", gateway.url], { cwd: gateway.directory });
    expect(output).toContain('this file is for project "default", and was sent for project "other"');
    expect(code).toBe(1);
    expect(await gateway.command("projects")).not.toContain("other");
  });

  test("what other commands ask of a project that is not there is refused in one line", async () => {
    const { code, output } = await runTo11(["pull", "--project", "nobody", "--url", gateway.url], { cwd: gateway.directory });
    expect(output).toMatch(/^http:\/\/localhost:\d+ refused: There is no project "nobody"[^\n]*\n$/);
    expect(code).toBe(1);
  });
});
