/** One event of an event stream: `sseText({ a: 1 }, "ping")` is `event: ping\ndata: {"a":1}\n\n`; a string is written as it is. */
export function sseText(data: unknown, name?: string): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return `${name === undefined ? "" : `event: ${name}\n`}data: ${text}\n\n`;
}
