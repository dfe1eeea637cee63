import { randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";

const TOKEN_BYTES = 32;
const TOKEN = /^[0-9a-f]{64}$/;

/** The cookie by which the gateway's own page is known from other pages in the same browser. */
export class PageCookie {
  readonly #name: string;
  readonly #token: string;

  /** `port`: browsers keep one jar for all ports of a host. */
  constructor(port: number, token: string) {
    this.#name = `to11_dev_${port}`;
    this.#token = token;
  }

  /** `Set-Cookie` for the page. */
  get header(): string {
    return `${this.#name}=${this.#token}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /**
   * Whether a request may be what it says it is: one of no browser, one with the cookie, or one that names another origin, of which the Worker knows whether
   * it may call.
   */
  vouchesFor(headers: IncomingHttpHeaders): boolean {
    const { host = "", origin } = headers;
    if (origin !== undefined ? origin !== `http://${host}` : !isBrowser(headers)) return true;
    return this.#isIn(headers.cookie ?? "");
  }

  #isIn(cookies: string): boolean {
    const expected = Buffer.from(`${this.#name}=${this.#token}`);
    return cookies
      .split(";")
      .map((pair) => Buffer.from(pair.trim()))
      .some((pair) => pair.length === expected.length && timingSafeEqual(pair, expected));
  }
}

/** Old browsers, which do not say from which site a request is, show themselves where somebody looks at a page with them. */
function isBrowser(headers: IncomingHttpHeaders): boolean {
  if (headers["sec-fetch-site"] !== undefined) return true;
  return headers["user-agent"]?.startsWith("Mozilla/") === true && /\btext\/html\b/.test(headers.accept ?? "");
}

/** The token of the pages of this state folder: the same in each run, so that a page that is open stays good. */
export function pageToken(directory: string): string {
  const path = join(directory, "page-token");
  try {
    const kept = readFileSync(path, "utf8");
    if (TOKEN.test(kept)) return kept;
  } catch {
    // The first run here.
  }
  const token = randomBytes(TOKEN_BYTES).toString("hex");
  writeFileSync(path, token);
  return token;
}
