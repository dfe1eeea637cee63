/** Headers as plain data, by their names in lower case. Of one that came several times the values are joined by `, `, as `Headers` gives them. */
export type HeaderMap = ReadonlyMap<string, string>;

/** Control characters but the tab: RFC 9110, section 5.5, has none in a value, and clients refuse a whole answer for one. */
const CONTROL = /(?!\t)\p{Cc}/u;
const CONTROLS = new RegExp(CONTROL, "gu");

/** All of them at once: a question to `Headers` leaves JavaScript, one to a map does not. */
export function readHeaders(headers: Headers): HeaderMap {
  const map = new Map<string, string>();
  headers.forEach((value, name) => map.set(name, value));
  return map;
}

/** Those of an upstream's answer, without the control characters that the runtime lets through in values. */
export function readUpstreamHeaders(headers: Headers): HeaderMap {
  const map = new Map<string, string>();
  headers.forEach((value, name) => map.set(name, CONTROL.test(value) ? value.replaceAll(CONTROLS, "") : value));
  return map;
}
