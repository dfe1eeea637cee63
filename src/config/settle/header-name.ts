/** A header name of RFC 9110, section 5.1. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Headers that belong to the connection, to the body as it is sent, to whoever stands between, or to the gateway: RFC 9110, sections 6 and 7. Of Cloudflare's
 * own, those that a caller of Access or AI Gateway sends are left.
 */
const NOT_OURS = new RegExp(
  "^(" +
    [
      "connection|expect|host|keep-alive|proxy-connection|proxy-auth(enticate|orization)|te|trailer|transfer-encoding|upgrade",
      "content-length",
      "cookie2?|set-cookie2?",
      "cdn-loop|forwarded|true-client-ip|via|x-forwarded-.*|x-real-ip|cf-(?!access-|aig-).*",
      "x-gateway-variant|x-should-retry|x-to11-.*",
    ].join("|") +
    ")$",
);

/** Headers that say what a body is, and so cannot carry a key. */
const OF_BODIES: ReadonlySet<string> = new Set(["accept", "content-encoding", "content-type"]);

/** Why routes.toml may not set this header, by its lower-case name; `undefined`: it may. */
export function headerFault(name: string): string | undefined {
  if (!TOKEN.test(name)) return "is not a header name: letters, digits and - only";
  return NOT_OURS.test(name) ? "cannot be set: this header is the gateway's own business" : undefined;
}

/** Why this is no name of a query parameter that a key can be sent as; `undefined`: it is one. */
export function keyParameterFault(name: string): string | undefined {
  return TOKEN.test(name) ? undefined : "is not a name: letters, digits and - only";
}

/** Why a caller's header of that name may not go on to a provider; `undefined`: it may. */
export function forwardFault(name: string): string | undefined {
  if (!TOKEN.test(name)) return headerFault(name);
  return NOT_OURS.test(name) ? "cannot go on: this header is about the connection to the gateway, or the gateway's own" : undefined;
}

/** Why no key may be sent in this header; `undefined`: one may. */
export function keyHeaderFault(name: string): string | undefined {
  return OF_BODIES.has(name) ? "cannot carry a key: this header says what a body is" : headerFault(name);
}
