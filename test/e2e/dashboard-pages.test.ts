import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { CHROMIUM, type Look, openPage, SCREENSHOTS, seriousFindings, startBrowser, WIDE } from "../support/browser.ts";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";

const SHIPPED = readFileSync(join(import.meta.dirname, "../../routes.toml"), "utf8");

/** Bytes of compressed script that the first load of a page may need. */
const SCRIPT_LIMIT_BYTES = 300_000;

const LOOKS: Readonly<Record<string, Look>> = {
  light: WIDE,
  dark: { ...WIDE, colours: "dark" },
  narrow: { width: 390, height: 844, colours: "light" },
};

/** What is called before, so that the pages have something to show. */
const MODELS = ["gpt-4o", "route::summarize", "route::summarize", "extract", "claude-sonnet-4-6", "no-such-model"];

/** Every page, and what it shows once it is all there. */
const PAGES: Readonly<Record<string, { readonly path: string; readonly shows: string }>> = {
  overview: { path: "/", shows: "Error rate" },
  traces: { path: "/traces", shows: "route::summarize" },
  trace: { path: "/traces/ID", shows: "What happened" },
  routing: { path: "/routing", shows: "Weighted split" },
  "routing-weighted": { path: "/routing/edit/route/balanced", shows: "The weights add up to 100." },
  "routing-steps": { path: "/routing/edit/route/resilient", shows: "Step 2" },
  "routing-experiment": { path: "/routing/edit/route/summarize", shows: "Parameters, as JSON" },
  "routing-new": { path: "/routing/new", shows: "No target yet." },
  "routing-toml": { path: "/routing/toml", shows: "The file is right." },
  "routing-try": { path: "/routing/try?model=route::resilient", shows: "Its steps are tried in order." },
  experiments: { path: "/experiments", shows: "95 % confidence" },
  providers: { path: "/providers", shows: "https://api.anthropic.com/v1" },
  credentials: { path: "/credentials", shows: "ANTHROPIC_API_KEY" },
  versions: { path: "/versions", shows: "serves now" },
  playground: { path: "/playground", shows: "The same in a program" },
};

describe.skipIf(CHROMIUM === undefined)("each page of the dashboard", () => {
  let gateway: DevGateway;
  let browser: Browser;
  let id = "";

  beforeAll(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    [gateway, browser] = await Promise.all([startDevGateway(SHIPPED), startBrowser()]);
    for (const model of MODELS) {
      const response = await fetch(`${gateway.baseUrl}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-to11-session-id": "session-1" },
        body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "Hello" }] }),
      });
      await response.text();
      if (model === "claude-sonnet-4-6") id = response.headers.get("x-to11-request-id") ?? "";
    }
    await vi.waitFor(
      async () => {
        const { traces } = (await (await fetch(`${gateway.url}/api/traces`)).json()) as { traces: unknown[] };
        expect(traces).toHaveLength(MODELS.length);
      },
      { timeout: 5_000 },
    );
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.end();
  });

  const open = async (page: Page, { path, shows }: { readonly path: string; readonly shows: string }): Promise<void> => {
    await page.goto(gateway.url + path.replace("ID", id));
    await page.getByText(shows).first().waitFor();
    await page.waitForLoadState("networkidle");
  };

  test.each(Object.keys(LOOKS))(
    "is whole, fits the window and can be used by everybody: %s",
    async (name) => {
      const look = LOOKS[name] ?? WIDE;
      const { page, context, complaints } = await openPage(browser, look);
      const findings: string[] = [];
      for (const [shown, where] of Object.entries(PAGES)) {
        await open(page, where);
        await page.screenshot({ path: `${SCREENSHOTS}/${shown}-${name}.png`, fullPage: true });
        findings.push(...(await seriousFindings(page)).map((finding) => `${shown}: ${finding}`));
        const overhang = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        if (overhang !== 0) findings.push(`${shown} is ${String(overhang)} px wider than the window`);
      }
      await context.close();
      expect(findings).toEqual([]);
      expect(complaints).toEqual([]);
    },
    120_000,
  );

  test("needs less than 300 KB of compressed script, whichever page is opened first", async () => {
    const { page, context } = await openPage(browser);
    const debug = await context.newCDPSession(page);
    let scripts: Promise<Buffer>[] = [];
    page.on("response", (response) => {
      if (response.url().endsWith(".js")) scripts.push(response.body());
    });
    const sizes: Record<string, number> = {};
    for (const [shown, where] of Object.entries(PAGES)) {
      scripts = [];
      await page.goto("about:blank");
      await debug.send("Network.clearBrowserCache");
      await open(page, where);
      sizes[shown] = (await Promise.all(scripts)).reduce((sum, script) => sum + gzipSync(script).length, 0);
    }
    await context.close();
    expect(Object.values(sizes).every((size) => size > 100_000)).toBe(true);
    expect(Object.entries(sizes).filter(([, size]) => size >= SCRIPT_LIMIT_BYTES)).toEqual([]);
  });

  test("tells the figures of a moment, under the pointer and by the arrow keys", async () => {
    const { page, context } = await openPage(browser);
    await open(page, PAGES["overview"] ?? { path: "", shows: "" });
    const requests = page.getByRole("img", { name: "Requests over time" });
    await requests.focus();
    await page.keyboard.press("ArrowLeft");
    const hint = page.locator(".hint");
    await hint.waitFor();
    // A moment may have begun since the calls: theirs is then the one before.
    if (/Served\s+0/.test(await hint.innerText())) await page.keyboard.press("ArrowLeft");
    expect(await hint.innerText()).toMatch(/Served\s+5\s+Errors\s+1/);
    await page.keyboard.press("Escape");
    await hint.waitFor({ state: "detached" });
    await requests.hover({ position: { x: 90, y: 60 } });
    expect(await hint.innerText()).toMatch(/Served\s+0\s+Errors\s+0/);
    await page.screenshot({ path: `${SCREENSHOTS}/overview-hint.png` });
    await context.close();
  });

  test("uses the room of a window of 2560 px", async () => {
    const { page, context } = await openPage(browser, { width: 2560, height: 1200, colours: "light" });
    const traces = PAGES["traces"] ?? { path: "", shows: "" };
    await open(page, traces);
    await page.screenshot({ path: `${SCREENSHOTS}/traces-2560.png` });
    const width = await page.getByRole("table").evaluate((table) => table.getBoundingClientRect().width);
    expect(width).toBeGreaterThan(1_900);
    await context.close();
  });

  test("fetches itself anew where a deploy took the file of a page away", async () => {
    const { page, context } = await openPage(browser);
    await open(page, { path: "/traces", shows: "route::summarize" });
    let isGone = true;
    // What the gateway answers for a file that is not there: the first page.
    await page.route(/\/assets\/playground-.*\.js/, (route) =>
      isGone ? route.fulfill({ contentType: "text/html", body: "<!doctype html>" }) : route.continue(),
    );
    page.on("framenavigated", () => {
      isGone = false;
    });
    await page.getByRole("link", { name: "Playground" }).click();
    await page.getByText("The same in a program").waitFor();
    await context.close();
  });

  test("comes with a policy that lets no foreign or inline script in, and no frame around it", async () => {
    for (const path of ["/", "/traces", "/routing/toml"]) {
      const response = await fetch(gateway.url + path, { headers: { "sec-fetch-mode": "navigate" } });
      expect(response.status).toBe(200);
      const policy = response.headers.get("content-security-policy") ?? "";
      expect(policy.split("; ")).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]));
      expect(response.headers.get("x-frame-options")).toBe("DENY");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(await response.text()).not.toMatch(/<script(?![^>]* src=)/);
    }
  });

  test("leaves the paths of callers and operators to the code", async () => {
    const navigate = { headers: { "sec-fetch-mode": "navigate" } };
    for (const path of ["/v1/nothing", "/api/nothing"]) {
      const response = await fetch(gateway.url + path, navigate);
      expect({ path, status: response.status, type: response.headers.get("content-type") }).toMatchObject({
        status: 404,
        type: "application/json",
      });
    }
    expect(await (await fetch(`${gateway.url}/health`, navigate)).json()).toMatchObject({ status: "ok" });
  });
});
