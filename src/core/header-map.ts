/** Headers as plain data, by their names in lower case. Of one that came several times the values are joined by `, `, as `Headers` gives them. */
export type HeaderMap = ReadonlyMap<string, string>;

/** All of them at once: a question to `Headers` leaves JavaScript, one to a map does not. */
export function readHeaders(headers: Headers): HeaderMap {
  const map = new Map<string, string>();
  headers.forEach((value, name) => map.set(name, value));
  return map;
}
