import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { keySchema, keysSchema, keyWithSecretSchema } from "../../src/web/api/contract.ts";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";
import { ROUTES, runTo11 } from "./to11-process.ts";

const ISSUING = `${ROUTES.replace(/api_keys = .*/, "issued = true")}\n[plans.team]\nroutes = ["balanced"]\n`;

describe("to11 key", () => {
  let gateway: DevGateway;

  beforeAll(async () => {
    gateway = await startDevGateway(ISSUING);
  });
  afterAll(() => gateway?.end());

  const read = async <Schema extends z.ZodMiniType>(schema: Schema, ...parameters: readonly string[]): Promise<z.output<Schema>> =>
    schema.parse(JSON.parse(await gateway.command("key", ...parameters, "--json")));

  const statusWith = async (secret: string, model = "gpt-4o"): Promise<number> => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${secret}` };
    const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] });
    const response = await fetch(`${gateway.baseUrl}/chat/completions`, { method: "POST", headers, body });
    await response.text();
    return response.status;
  };

  test("create tells the secret alone on a line, which opens what the plan allows; list and show never tell it", async () => {
    const said = await gateway.command(
      "key",
      "create",
      "--name",
      "ci",
      "--plan",
      "team",
      "--team",
      "search",
      "--expires",
      "90d",
      "--meta",
      "a=1",
      "b=x=y",
    );
    const [secret = ""] = said.split("\n").filter((line) => line.startsWith("to11_"));
    expect(secret).toMatch(/^to11_k[a-z0-9]{12}_[A-Za-z0-9_-]{43}$/);
    expect(said).toContain("This is the only time that it is shown.");
    expect([await statusWith(secret), await statusWith(secret, "gpt-4o-mini")]).toEqual([200, 403]);
    const id = secret.slice(5, 18);
    const list = await gateway.command("key", "list");
    expect(list).toMatch(new RegExp(`^ID +NAME +STATE +PLAN +TEAM +OWNER +ENDS\n${id} +ci +active +team +search +- +20\\d\\d-\\S+Z\n$`));
    const shown = await gateway.command("key", "show", id);
    expect(shown).toMatch(/^metadata +a=1, b=x=y$/m);
    expect(list + shown).not.toContain(secret.slice(-43));
  });

  test("change, rotate and revoke do what they say", async () => {
    const made = await read(keyWithSecretSchema, "create", "--name", "app", "--scope", "call", "traces:read", "--owner", "ada");
    expect(made).toMatchObject({ scopes: ["call", "traces:read"], owner: "ada", plan: null, expires_at: null });
    const changed = await read(keySchema, "change", made.id, "--owner", "none", "--plan", "team");
    expect(changed).toMatchObject({ name: "app", owner: null, plan: "team" });
    const rotated = await read(keyWithSecretSchema, "rotate", made.id, "--overlap", "0");
    expect([await statusWith(made.secret), await statusWith(rotated.secret)]).toEqual([401, 200]);
    expect((await read(keySchema, "revoke", made.id)).state).toBe("revoked");
    expect(await statusWith(rotated.secret)).toBe(401);
    const { keys } = await read(z.pick(keysSchema, { keys: true }), "list");
    expect(keys.map(({ id }) => id)).not.toContain(made.id);
    const all = await read(z.pick(keysSchema, { keys: true }), "list", "--all");
    expect(all.keys.map(({ id }) => id)).toContain(made.id);
  });

  test.each([
    [["create"], 2, "required option '--name <name>'"],
    [["create", "--name", "n", "--expires", "soon"], 2, "--expires takes a span from now"],
    [["create", "--name", "n", "--meta", "a"], 2, "It takes NAME=VALUE."],
    [["create", "--name", "n", "--limit", "requests_per_minute=many"], 2, "It takes NAME=NUMBER"],
    [["create", "--name", "n", "--plan", "tem"], 1, 'has no plan "tem"; it has team'],
    [["create", "--name", "n", "--scope", "admin"], 1, "scopes"],
    [["change", "kaaaaaaaaaaaa"], 2, "Nothing is to be changed"],
    [["change", "kaaaaaaaaaaaa", "--name", "x"], 1, 'This project has no key "kaaaaaaaaaaaa"'],
    [["rotate", "kaaaaaaaaaaaa", "--overlap", "long"], 2, "--overlap takes a span"],
    [["revoke", "nonsense"], 1, "That is no key's id"],
  ])("%j is refused in words", async (parameters, code, says) => {
    const said = await runTo11(["key", ...parameters, "--url", gateway.url], { cwd: gateway.directory });
    expect(said.output).toContain(says);
    expect([said.code, said.output.includes("    at ")]).toEqual([code, false]);
  });
});
