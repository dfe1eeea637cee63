/**
 * Whether a page of another origin makes this request. Browsers say so in `Origin`, or in `Sec-Fetch-Site` where they send none; other clients send
 * neither. `allowed`: origins that may.
 */
export function isForeign(request: Request, allowed: ReadonlySet<string>): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null) return origin !== new URL(request.url).origin && !allowed.has(origin);
  return request.headers.get("sec-fetch-site") === "cross-site";
}
