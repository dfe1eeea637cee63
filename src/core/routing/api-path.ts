/** How often a path is decoded to see what it comes to: an upstream may stand behind proxies that each decode it once. */
const MOST_DECODINGS = 4;

/** A part of a path that leads out of where it stands, `..;x` as some servers read it too. */
const LEADS_OUT = /^\.{1,2}(?:;.*)?$/s;

/** A version that paths of an API begin with: `v1`, `v1beta`. */
const VERSION = /^v\d+[a-z\d]*$/;

/**
 * Characters that end a part of a path for some servers, or the path for some; and bytes of which no UTF-8 is made but the overlong forms in which `.` and `/`
 * once got past such checks (https://www.rfc-editor.org/rfc/rfc3629#section-10).
 */
// oxlint-disable-next-line no-control-regex
const ODD = /[\\\0-\x1f\x7f\xc0\xc1]/;

/** Why a path (`files/file-1`, as it was written) may not be put behind a provider's address; `undefined`: it may. However it is encoded, it stays there. */
export function apiPathFault(path: string): string | undefined {
  let text = path;
  for (let decodings = 0; decodings <= MOST_DECODINGS; decodings += 1) {
    if (ODD.test(text)) return "holds a backslash, a control character or no UTF-8";
    if (text.split("/").some((part) => LEADS_OUT.test(part))) return 'holds ".." or "." as a part';
    const decoded = decodedOnce(text);
    if (decoded === text) return undefined;
    text = decoded;
  }
  return "is encoded too often";
}

/** Byte by byte, as the most lenient of decoders would. */
function decodedOnce(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The path without the version that the provider's address ends in already: some clients put it into their base URL, others into each path. */
export function behindBase(baseUrl: string, path: string): string {
  const [first = ""] = path.split("/", 1);
  return VERSION.test(first) && baseUrl.endsWith(`/${first}`) ? path.slice(first.length + 1) : path;
}

/**
 * The address with a query string behind its own, as it was written. Parameters that the address has already stay as they are there; of the others go those
 * that `mayPass`, each as `name=value` and decoded.
 */
export function withQuery(url: string, query: string, mayPass: (parameter: string) => boolean): string {
  if (query === "") return url;
  const own = new URL(url).searchParams;
  const passing = query.split("&").filter((pair) => {
    const [[name, value] = ["", ""]] = new URLSearchParams(pair);
    return pair !== "" && !own.has(name) && mayPass(name) && mayPass(value);
  });
  if (passing.length === 0) return url;
  return url + (url.includes("?") ? "&" : "?") + passing.join("&");
}
