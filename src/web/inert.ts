/**
 * What keeps a browser from doing more with an answer than showing it, should somebody be led to one: an upstream's words must not become a page of the
 * gateway's origin, where operators are signed in. For every answer under `/v1`, refusals included.
 */
export const INERT_HEADERS = { "x-content-type-options": "nosniff", "content-security-policy": "sandbox" } as const;

/**
 * Types that a browser runs, or draws with what they hold run: pages, all XML (SVG, XHTML, Atom), scripts and styles, and containers whose parts say their own
 * type. https://mimesniff.spec.whatwg.org/#mime-type-groups
 */
const RUN =
  /(?:^|,)\s*(?:text\/(?:html|xml|xsl|css|(?:x-)?(?:java|ecma|j|live)script[\d.]*)|application\/(?:xml|(?:x-)?(?:java|ecma)script)|[^\s;,]+\+xml|(?:multipart|message)\/[^\s;,]+)\s*(?:[;,]|$)/i;

/** A type and a subtype. What is none has a browser look into the bytes. */
const TYPED = /^\s*[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(?:[;,]|$)/;

/** The types that mean the same as none. https://mimesniff.spec.whatwg.org/#determining-the-computed-mime-type-of-a-resource */
const UNKNOWN = /^\s*(?:unknown\/unknown|application\/unknown)\s*(?:[;,]|$)/i;

/** The content type that an upstream's answer reaches the caller under: its own, unless a browser would run it, or guess. */
export function inertType(contentType: string | undefined): string {
  if (contentType === undefined || !TYPED.test(contentType) || UNKNOWN.test(contentType)) return "application/octet-stream";
  return RUN.test(contentType) ? "text/plain; charset=utf-8" : contentType;
}
