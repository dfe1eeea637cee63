/** First parts of the addresses of the dashboard's pages. */
const PAGES: ReadonlySet<string> = new Set(["", "traces", "routing", "experiments", "providers", "credentials", "versions", "playground"]);

/**
 * Whether a request that the gateway's own paths do not answer may be shown the dashboard. Its one page stands for all its addresses, so whoever calls an API
 * at a wrong one would take it for a 200: only who can show a page gets it, and at other addresses than its own only who shows no key.
 */
export function isPageCall({ method, headers }: Pick<Request, "method" | "headers">, path: string): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  const accept = headers.get("accept") ?? "*/*";
  if (isPage(path)) return accept.includes("text/html") || accept.includes("*/*");
  return accept.includes("text/html") && !headers.has("authorization");
}

function isPage(path: string): boolean {
  return PAGES.has(path.split("/")[1] ?? "");
}
