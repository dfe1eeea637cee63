/** What browsers say of a request that a page of another origin makes; another port of this machine is the same site. */
const FOREIGN_SITES: ReadonlySet<string> = new Set(["cross-site", "same-site"]);

/**
 * Whether a page of another origin makes this request. Browsers say so in `Origin`, or in `Sec-Fetch-Site` where they send none; other clients send
 * neither. `allowed`: origins that may.
 */
export function isForeign(request: Request, allowed: ReadonlySet<string>): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null) return origin !== new URL(request.url).origin && !allowed.has(origin);
  return FOREIGN_SITES.has(request.headers.get("sec-fetch-site") ?? "");
}
