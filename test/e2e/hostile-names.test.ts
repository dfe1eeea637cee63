import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { TraceRecord } from "../../src/core/trace/trace-record.ts";
import { CHROMIUM, openPage, startBrowser } from "../support/browser.ts";
import { type DevGateway, startDevGateway } from "../support/dev-gateway.ts";

const ROUTES = `
[auth]
api_keys = []
[providers.openai]
models = ["gpt-4o"]
[targets.main]
model = "gpt-4o"
[routes.all]
models = ["gpt-4o"]
targets = ["main"]
`;

const MODEL = "openai::gpt\u202e\u0007\u009b2J<b>";
const SHOWN = String.raw`gpt\u202e\u0007\u009b2J<b>`;
const USER = "it's \u202e$(id)";
const PATH = "/v1/it's $(touch pwned)";

/** All that a page shows or says when something is pointed at. */
const WORDS = `
  [document.body.innerText, ...[...document.querySelectorAll("[title], [aria-label]")].flatMap((each) => [each.title ?? "", each.ariaLabel ?? ""])].join("\\n")`;

describe.skipIf(CHROMIUM === undefined)("names that callers chose to mislead", () => {
  let gateway: DevGateway;
  let browser: Browser;
  let page: Page;
  const ids: string[] = [];

  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startDevGateway(ROUTES), startBrowser()]);
    const opened = await openPage(browser);
    ({ page } = opened);
    await opened.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    // A header's bytes are a character each.
    const headers = {
      "content-type": "application/json",
      "x-to11-user-id": Buffer.from(USER).toString("latin1"),
      authorization: "Bearer x",
    };
    for (const path of ["/v1/chat/completions", PATH]) {
      const body = JSON.stringify({ model: MODEL, messages: [], user: "u" });
      const response = await fetch(gateway.url + path.split("/").map(encodeURIComponent).join("/"), { method: "POST", headers, body });
      ids.push(response.headers.get("x-to11-request-id") ?? "");
      await response.text();
    }
    await vi.waitFor(
      async () => {
        const { traces } = (await (await fetch(`${gateway.url}/api/traces`)).json()) as { traces: TraceRecord[] };
        expect(traces).toHaveLength(2);
      },
      { timeout: 5_000 },
    );
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.end();
  });

  test.each<[string, () => string, string]>([
    ["the list of traces", () => "/traces", SHOWN],
    ["a trace", () => `/traces/${ids[0]}`, SHOWN],
    ["the filters", () => `/traces?user=${encodeURIComponent(USER)}`, String.raw`it's \u202e$(id)`],
    ["the trial of a route", () => `/routing/try?model=${encodeURIComponent(MODEL)}`, SHOWN],
  ])("are written out in %s", async (_name, path, shown) => {
    await page.goto(gateway.url + path());
    await expect.poll(() => page.evaluate(WORDS), { timeout: 15_000 }).toContain(shown);
    expect(await page.evaluate(WORDS)).not.toMatch(/[\u202a-\u202e\u2066-\u2069]|(?![\n\t])\p{Cc}/u);
  });

  test("are nothing but words in a call that is copied as curl", async () => {
    await page.goto(`${gateway.url}/traces/${ids[1]}`);
    await page.getByRole("button", { name: "Copy as curl" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(
      [
        String.raw`curl '${gateway.url}/v1/it'\''s%20%24(touch%20pwned)'`,
        "-H 'Content-Type: application/json'",
        `-d '{"model":"","input":"…"}'`,
      ].join(" \\\n  "),
    );
  });
});
