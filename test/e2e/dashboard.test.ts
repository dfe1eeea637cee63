import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TraceRecord } from "../../src/core/trace/trace-record.ts";
import { CHROMIUM, openPage, SCREENSHOTS, seriousFindings, startBrowser } from "../support/browser.ts";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";

const SHIPPED = readFileSync(join(import.meta.dirname, "../../routes.toml"), "utf8");
const ADMIN_KEY = "an-admin-key-of-at-least-32-characters";

describe.skipIf(CHROMIUM === undefined)("an operator with a browser", () => {
  let gateway: DevGateway;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  const findings: string[] = [];

  beforeAll(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    [gateway, browser] = await Promise.all([startDevGateway(SHIPPED, { TO11_ADMIN_KEY: ADMIN_KEY }), startBrowser()]);
    ({ page, complaints } = await openPage(browser));
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.end();
  });

  const ask = async (model: string, more: Readonly<Record<string, unknown>> = {}): Promise<Headers> => {
    const response = await fetch(`${gateway.baseUrl}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }], ...more }),
    });
    await response.text();
    return response.headers;
  };
  const operator = { headers: { authorization: `Bearer ${ADMIN_KEY}` } };
  const api = async (path: string): Promise<unknown> => (await fetch(gateway.url + path, operator)).json();
  /** Resolves once the gateway has stored the trace. */
  const stored = (id: string): Promise<void> =>
    expect.poll(async () => (await fetch(`${gateway.url}/api/traces/${id}`, operator)).status, { timeout: 5_000 }).toBe(200);
  const go = (path: string): Promise<unknown> => page.goto(gateway.url + path);
  /** Takes pictures of what the page shows now, and has axe look at it. */
  const look = async (name: string): Promise<void> => {
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      // Colours fade over, if only for a few frames.
      await page.waitForTimeout(50);
      await page.screenshot({ path: `${SCREENSHOTS}/${name}-${colorScheme}.png`, fullPage: true });
      findings.push(...(await seriousFindings(page)).map((finding) => `${name}, ${colorScheme}: ${finding}`));
    }
  };
  const rows = () => page.locator("tr.trace");

  test("is let in by the admin key, and by no other", async () => {
    await go("/traces");
    await page.getByLabel("Admin key").fill("not the key");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("The admin key was not accepted.").waitFor();
    await look("sign-in");
    await page.getByLabel("Admin key").fill(ADMIN_KEY);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "No request has come yet" }).waitFor();
    await look("traces-none");
    expect(page.url()).toBe(`${gateway.url}/traces`);
    const cookie = (await page.context().cookies()).find(({ name }) => name === "__Host-to11_session");
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Strict" });
    expect(cookie?.value).not.toContain(ADMIN_KEY);
    expect(await page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")).not.toContain(ADMIN_KEY);
    // The wrong key's refusal is one that the browser tells of, too.
    complaints.length = 0;
  });

  test("watches a request arrive, live", async () => {
    await page.getByRole("switch", { name: "Live" }).click();
    await page.getByText(/^Live: 0 arrived/).waitFor();
    const id = (await ask("gpt-4o")).get("x-to11-request-id") ?? "";
    await page.locator(`[data-trace="${id}"]`).waitFor();
    expect(await rows().count()).toBe(1);
    await page.getByText(/^Live: 1 arrived/).waitFor();
    await page.getByRole("switch", { name: "Live" }).click();
  });

  test("keeps up with 200 traces a second, and says that it shows a sample", async () => {
    const [trace] = ((await api("/api/traces")) as { traces: TraceRecord[] }).traces;
    const busy = await page.context().newPage();
    await busy.routeWebSocket(/\/api\/traces\/live/, (socket) => {
      let sent = 0;
      const timer = setInterval(() => {
        for (let each = 0; each < 4; each += 1) socket.send(JSON.stringify({ trace: { ...trace, id: `default_${sent++}` } }));
        if (sent >= 600) clearInterval(timer);
      }, 20);
    });
    await busy.goto(`${gateway.url}/traces?live=1`);
    await busy.evaluate(`
      globalThis.longestFrameMs = 0;
      let before = performance.now();
      requestAnimationFrame(function frame(now) {
        globalThis.longestFrameMs = Math.max(globalThis.longestFrameMs, now - before);
        before = now;
        requestAnimationFrame(frame);
      });`);
    await busy.getByText("Live: 600 arrived").waitFor();
    await busy.getByText(/[1-9]\d\d were too many to show: the list is a sample/).waitFor();
    expect(await busy.locator("tr.trace.new").count()).toBeLessThanOrEqual(200);
    // Half a second would be seen as standing still; a machine busy with other tests drops some frames.
    expect(await busy.evaluate("globalThis.longestFrameMs")).toBeLessThan(500);
    await busy.close();
  });

  test("narrows the list, and whoever gets the address sees the same", async () => {
    await ask("route::summarize");
    const id = (await ask("no-such-model")).get("x-to11-request-id") ?? "";
    await stored(id);
    await page.reload();
    await expect.poll(() => rows().count()).toBe(3);
    await page.getByRole("radio", { name: "Errors" }).locator("..").click();
    await expect.poll(() => rows().count()).toBe(1);
    await page.getByRole("button", { name: "Filter", exact: true }).click();
    await page.getByRole("menuitem", { name: "Model", exact: true }).click();
    await page.getByPlaceholder("Model, then enter").fill("no-such-model");
    await page.keyboard.press("Enter");
    await page.getByText("Model: no-such-model").waitFor();
    expect(page.url()).toBe(`${gateway.url}/traces?status=error&model=no-such-model`);

    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.locator(`[data-trace="${id}"]`).waitFor();
    expect(await other.locator("tr.trace").count()).toBe(1);
    await other.close();
    await page.getByRole("button", { name: "Clear", exact: true }).click();
    await expect.poll(() => rows().count()).toBe(3);
  });

  test("moves through the list by keyboard: j, k, enter, /", async () => {
    const focused = (): Promise<unknown> => page.evaluate("document.activeElement?.dataset.trace ?? document.activeElement?.id");
    const ids = await page.locator("[data-trace]").evaluateAll((links) => links.map((link) => link.getAttribute("data-trace")));
    await page.locator("h1").click();
    await page.keyboard.press("j");
    expect(await focused()).toBe(ids[0]);
    await page.keyboard.press("j");
    expect(await focused()).toBe(ids[1]);
    await page.keyboard.press("k");
    expect(await focused()).toBe(ids[0]);
    await page.keyboard.press("/");
    expect(await focused()).toBe("trace-search");
    await page.locator("h1").click();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "What happened" }).waitFor();
    expect(page.url()).toBe(`${gateway.url}/traces/${ids[0]}`);
  });

  test("sees in a waterfall how a stream failed over", async () => {
    await gateway.command("simulate", "anthropic", "--status", "503");
    const id = (await ask("claude-sonnet-4-6", { stream: true })).get("x-to11-request-id") ?? "";
    await gateway.command("simulate", "anthropic", "--clear");
    await stored(id);
    await go(`/traces/${id}`);
    const attempts = page.getByRole("list", { name: "Attempts in order" }).getByRole("listitem");
    await attempts.first().waitFor();
    const told = await attempts.allInnerTexts();
    const trace = (await api(`/api/traces/${id}`)) as TraceRecord;
    expect(told).toHaveLength(trace.attempts.length);
    expect(told[0]).toMatch(/^sonnet\s+anthropic\/claude-sonnet-4-6\s+refused with 503/);
    expect(told[1]).toMatch(/retry: waited \d/);
    expect(told.at(-1)).toMatch(/^openai-main\s+openai\/gpt-4o\s+failover: answered with 200 .*, first content at /);
    await page.getByText("The route sonnet covers this model for chat.").waitFor();
    await look("trace-failed-over");
  });

  test("sees a caller's markup as text", async () => {
    const markup = '<img src=x onerror="document.title=1">';
    const id = (await ask(markup)).get("x-to11-request-id") ?? "";
    await stored(id);
    await go("/traces");
    await page.locator(`tr:has([data-trace="${id}"])`).getByText(markup).waitFor();
    expect(await page.locator("img").count()).toBe(0);
    await go(`/traces/${id}`);
    await page.getByText(markup).first().waitFor();
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.title()).toBe("Trace · to11");
  });

  test("makes a weighted rule, and the next calls split", async () => {
    await go("/routing/new");
    await page.getByRole("radio", { name: /^Weighted split/ }).click();
    await page.getByLabel("Name").fill("split");
    await page.getByRole("button", { name: "Add a target" }).click();
    await page.getByRole("combobox", { name: "Target" }).fill("mini");
    await page.getByRole("textbox", { name: "Weight" }).fill("30");
    await page.getByRole("button", { name: "Add a target" }).click();
    await page.getByRole("combobox", { name: "Target" }).nth(1).fill("haiku");
    await page.getByRole("combobox", { name: "Model", exact: true }).nth(1).fill("claude-haiku-4-5");
    await page.getByRole("textbox", { name: "Weight" }).nth(1).fill("60");
    await page.getByText("The weights add up to 90, not 100. They are relative: mini 33.3 %, haiku 66.7 %.").waitFor();
    await page.getByRole("button", { name: "Review" }).click();
    await page.getByText("The compiler accepts it.").waitFor();
    const diff = page.getByLabel("What changes in routes.toml");
    await diff.getByText("[routes.split]").waitFor();
    await look("review");
    await page.getByLabel("Your label in the history").fill("Ada");
    await page.getByRole("button", { name: "Publish" }).click();
    await page.getByText(/^Published [0-9a-f]{8}$/).waitFor();
    await page.getByRole("heading", { name: "split", exact: true }).waitFor();

    const config = (await api("/api/config")) as { toml: string; author: string };
    expect(config.author).toBe("Ada");
    expect(config.toml).toContain("# Weighted: one draw per request, 70/30.");
    expect(config.toml).toContain('[routes.split]\nstrategy = "weighted"\ntargets = ["mini", "haiku"]\n');
    const targets = new Set<string | null>();
    await expect
      .poll(async () => targets.add((await ask("route::split")).get("x-to11-target")) && [...targets], {
        timeout: 15_000,
        interval: 50,
      })
      .toEqual(expect.arrayContaining(["haiku", "mini"]));
  });

  test("orders the targets of a chain by keyboard", async () => {
    await go("/routing/edit/route/sonnet");
    const names = (): Promise<string[]> =>
      page.getByRole("combobox", { name: "Target" }).evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value));
    await page.getByRole("button", { name: "Drag target 1" }).waitFor();
    expect(await names()).toEqual(["sonnet", "openai-main"]);
    await page.getByRole("button", { name: "Drag target 1" }).focus();
    await page.keyboard.press("Space");
    await page.getByText("was moved over droppable area 1").waitFor({ state: "attached" });
    await page.keyboard.press("ArrowDown");
    await page.getByText("was moved over droppable area 2").waitFor({ state: "attached" });
    await page.keyboard.press("Space");
    await expect.poll(names).toEqual(["openai-main", "sonnet"]);
    await page.getByRole("button", { name: "Move sonnet up" }).click();
    expect(await names()).toEqual(["sonnet", "openai-main"]);
  });

  test("says what happens when a target fails, and how long it may take", async () => {
    await go("/routing/edit/route/sonnet");
    await page.getByRole("textbox", { name: "Retries" }).fill("0");
    await page.getByRole("combobox", { name: "Statuses that are failures too" }).fill("404");
    await page.keyboard.press("Enter");
    await page.getByRole("combobox", { name: "A stream that breaks" }).click();
    await page.getByRole("option", { name: "is finished by the next target" }).click();
    await page.getByRole("textbox", { name: "First content within, ms" }).fill("9000");
    await look("routing-limits");
    await page.getByRole("button", { name: "Review" }).click();
    await page.getByText("The compiler accepts it.").waitFor();
    const diff = page.getByLabel("What changes in routes.toml");
    for (const line of ["retry = { max_retries = 0 }", "failover_on = [404]", "timeout_ms = 9000", 'rescue = "prefill"']) {
      await diff.getByText(line).waitFor();
    }
  });

  test("tries a name, and is told where it would go", async () => {
    await go("/routing/try");
    await page.getByRole("combobox", { name: "Model, route or function" }).fill("route::split");
    await page.getByText("The route split is asked for by its name. Each request draws one target by weight.").waitFor();
    await page.getByRole("cell", { name: "66.7 %" }).waitFor();
  });

  test("breaks the TOML, reads the error at its line, and mends it", async () => {
    await go("/routing/toml");
    const editor = page.getByLabel("routes.toml", { exact: true });
    await page.getByText("The file is right.").waitFor();
    await editor.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type('\n[routes.broken]\ntargets = ["nowhere"]');
    await page.getByText("One problem: this would not be served").waitFor();
    await look("toml-broken");
    const problem = page.getByRole("alert").getByRole("listitem");
    const toml = (await api("/api/config")) as { toml: string };
    const line = toml.toml.trimEnd().split("\n").length + 2;
    expect(await problem.innerText()).toMatch(new RegExp(`^line ${line + 1}: routes\\.broken\\.targets\\[0\\]: .*nowhere`));
    expect(await page.getByRole("button", { name: "Review" }).isDisabled()).toBe(true);
    await problem.getByRole("button").click();
    await page.keyboard.press("End");
    for (let back = 0; back < '"nowhere"]'.length; back += 1) await page.keyboard.press("Backspace");
    await page.keyboard.type('"mini"]');
    await page.getByText("The file is right.").waitFor();
    await page.getByRole("button", { name: "Review" }).click();
    await page.getByLabel("What changes in routes.toml").getByText("[routes.broken]").waitFor();
    // A look at another page loses nothing.
    await page.getByRole("link", { name: "Traces" }).click();
    await page.getByRole("link", { name: "Routing" }).click();
    await page.getByText("There is a change that is not published.").waitFor();
    await page.getByRole("button", { name: "Discard it" }).click();
    await expect.poll(() => page.getByText("There is a change that is not published.").count()).toBe(0);
  });

  test("looks at a time of its own choosing", async () => {
    await go("/traces?since=2026-11-20T12:00:00.000Z&until=2026-11-20T13:00:00.000Z");
    await page.getByText("No request passes these filters").waitFor();
    await look("traces-time");
    await page.getByRole("button", { name: "Until any time" }).click();
    await expect.poll(() => page.url()).toBe(`${gateway.url}/traces?since=2026-11-20T12%3A00%3A00.000Z`);
    await expect.poll(() => rows().count()).toBeGreaterThan(3);
  });

  test("is shown both changes where somebody else published first, and keeps both", async () => {
    const before = (await api("/api/config")) as { version: string; toml: string };
    const published = await fetch(`${gateway.url}/api/config`, {
      method: "PUT",
      headers: { ...operator.headers, "content-type": "application/toml", "if-match": `"${before.version}"`, "x-to11-author": "Grace" },
      body: `# Grace was here\n${before.toml}`,
    });
    expect(published.status).toBe(200);
    await go("/routing/edit/route/split");
    // Opened before, as far as this page knows: it holds what served when it was opened.
    await page.getByRole("textbox", { name: "Weight" }).first().fill("40");
    const now = (await published.json()) as { version: string };
    const again = await fetch(`${gateway.url}/api/config`, {
      method: "PUT",
      headers: { ...operator.headers, "content-type": "application/toml", "if-match": `"${now.version}"`, "x-to11-author": "Grace" },
      body: `# Grace was here twice\n${before.toml}`,
    });
    expect(again.status).toBe(200);
    await page.getByRole("button", { name: "Review" }).click();
    await page.getByText("The compiler accepts it.").waitFor();
    await page.getByRole("button", { name: "Publish" }).click();
    await page.getByText("Not published: somebody was first").waitFor();
    await page.getByText(/^Grace published version [0-9a-f]{8}/).waitFor();
    await page.getByLabel("What they changed").getByText("# Grace was here twice").waitFor();
    await look("conflict");
    await page.getByRole("button", { name: "Put my change on top of theirs" }).click();
    await page.getByText("The compiler accepts it.").waitFor();
    await page.getByRole("button", { name: "Publish" }).click();
    await page.getByText(/^Published [0-9a-f]{8}$/).waitFor();
    const after = (await api("/api/config")) as { toml: string };
    expect(after.toml).toMatch(/^# Grace was here twice\n/);
    expect(after.toml).toMatch(/\[targets\.mini\]\nmodel = "gpt-4o-mini"\nweight = 40\n/);
  });

  test("rolls back, after having seen what that changes", async () => {
    await go("/versions");
    const published = page.getByRole("row").filter({ hasText: "Ada" }).last();
    await published.getByRole("button", { name: "Roll back to this" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("# Grace was here twice").waitFor();
    await look("rollback");
    await dialog.getByRole("button", { name: "Roll back", exact: true }).click();
    await page.getByText(/^[0-9a-f]{8} serves again$/).waitFor();
    const config = (await api("/api/config")) as { toml: string };
    expect(config.toml).not.toContain("Grace");
    expect(config.toml).toContain("[routes.split]");
  });

  test("asks in the playground, sees the answer stream in and which target served it", async () => {
    await go("/playground");
    await page.getByRole("combobox", { name: "Model, route or function" }).fill("route::balanced");
    await page.getByLabel("Message", { exact: true }).fill("What is the capital of France?");
    await page.getByRole("button", { name: "Ask" }).click();
    await page.getByText(/standing in for gpt-4(o|\.1) of openai\. You said: "What is the capital of France\?"/).waitFor();
    await page.getByText(/^target openai-(main|next)$/).waitFor();
    await page.getByText(/^whole answer /).waitFor();
    await look("playground-answered");
    expect(await page.getByLabel("The call in curl").innerText()).toContain(`curl -N ${gateway.url}/v1/chat/completions`);
    await page.getByText("Python", { exact: true }).click();
    expect(await page.getByLabel("The call in Python").innerText()).toContain(`base_url="${gateway.baseUrl}"`);
    const link = page.getByRole("link", { name: "Its trace" });
    await stored(decodeURIComponent((await link.getAttribute("href"))?.split("/").at(-1) ?? ""));
    await link.click();
    await page.getByRole("heading", { name: "What happened" }).waitFor();
  });

  test("moves to another project, and stays there from page to page", async () => {
    const toml =
      '[project]\nid = "second"\n[auth]\nopen = true\n[providers.openai]\nmodels = ["gpt-4o"]\n[functions.only-here]\nmodels = ["gpt-4o"]\n';
    const published = await fetch(`${gateway.url}/api/config?project=second`, {
      method: "PUT",
      headers: { ...operator.headers, "content-type": "application/toml", "if-match": '"none"' },
      body: toml,
    });
    expect(published.status).toBe(200);
    await go("/routing");
    await page.getByRole("heading", { name: "balanced" }).waitFor();
    await page.getByRole("combobox", { name: "Project" }).selectOption("second");
    await page.getByRole("heading", { name: "only-here" }).waitFor();
    expect(await page.getByRole("heading", { name: "balanced" }).count()).toBe(0);
    await page.getByRole("link", { name: "Traces" }).click();
    await page.getByText("No request has come yet").waitFor();
    expect(page.url()).toBe(`${gateway.url}/traces?project=second`);
  });

  test("reads what was said where routes.toml has it kept, markup as text", async () => {
    const said = "<img src=x onerror=alert(1)> and a line\nbreak";
    const { version } = (await api("/api/config")) as { version: string };
    const published = await fetch(`${gateway.url}/api/config`, {
      method: "PUT",
      headers: { ...operator.headers, "content-type": "application/toml", "if-match": `"${version}"` },
      body: `${SHIPPED}\n[traces]\ncapture_content = true\n`,
    });
    expect(published.status).toBe(200);
    const headers = await ask("gpt-4o-mini", { messages: [{ role: "user", content: said }] });
    const id = headers.get("x-to11-request-id") ?? "";
    await stored(id);
    await go(`/traces/${id}`);
    const request = page.getByRole("region", { name: "Request in words" });
    await request.waitFor();
    expect(await request.textContent()).toContain("<img src=x onerror=alert(1)> and a line");
    expect(await page.getByRole("region", { name: "Answer in words" }).textContent()).toContain("This is the simulator");
    await look("trace-content");
  });

  test("is kept out by nothing that axe finds serious", () => {
    expect(findings).toEqual([]);
  });

  test("is told by the browser of nothing that went wrong", () => {
    // The one publication that somebody else was before is a 412 that was asked for.
    expect(complaints.filter((complaint) => !complaint.includes("412 (Precondition Failed)"))).toEqual([]);
  });

  test("signs out, and is a stranger again", async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Admin key").waitFor();
    expect(await page.evaluate("fetch('/api/config').then(({ status }) => status)")).toBe(401);
  });
});
