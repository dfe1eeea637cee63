import { existsSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Where a browser may be. `.ci/run` installs Debian's. */
const PLACES = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser that tests drive; `undefined`: this machine has none. */
export const CHROMIUM = PLACES.find((path) => path !== undefined && existsSync(path));

/** Pictures of each page, to be looked at. Not kept in git. */
export const SCREENSHOTS = join(import.meta.dirname, "../../dist/screenshots");

/** How long a page may take to do what a test waits for, ms. */
const PATIENCE_MS = 10_000;

/** Starts a headless browser that keeps to itself. `more`: switches besides the usual ones. */
export function startBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM ?? "",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-quic",
      "--no-first-run",
      "--disable-sync",
      ...more,
    ],
  });
}

/** How a page is looked at. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly colours: "light" | "dark";
}

/** A desktop in daylight. */
export const WIDE: Look = { width: 1440, height: 900, colours: "light" };

/** A page in a profile of its own. What the browser complains of is collected: errors of scripts, breaches of the policy, failed calls. */
export async function openPage(
  browser: Browser,
  look: Look = WIDE,
): Promise<{ page: Page; context: BrowserContext; complaints: string[] }> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.height },
    colorScheme: look.colours,
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
  return { page, context, complaints };
}

/** What axe finds that is serious or critical, each with where. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Through the debugger: the page's own policy lets no script in.
  const debug = await page.context().newCDPSession(page);
  await debug.send("Runtime.evaluate", { expression: axe.source });
  const { result } = await debug.send("Runtime.evaluate", {
    awaitPromise: true,
    returnByValue: true,
    expression: `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
      violations.filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => id + ": " + nodes.map((node) => node.target.join(" ") + " " + (node.any[0]?.message ?? "")).join("; ")))`,
  });
  await debug.detach();
  return result.value as string[];
}
