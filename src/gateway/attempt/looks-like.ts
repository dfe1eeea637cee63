import { concatBytes, withoutBom } from "../../core/bytes.ts";
import type { Connection } from "./connection.ts";

/** The fields of an event stream, by which it is known whatever its content type: https://html.spec.whatwg.org/multipage/server-sent-events.html. */
const EVENT_FIELD = /^(data|event|id|retry)?:/;
/** As long as the longest field's name with its colon, behind a byte order mark. */
const ENOUGH_BYTES = 9;

const decoder = new TextDecoder("latin1");

/** What the first bytes of a body say it is. They are read again with the next `read`. */
export async function looksLike(connection: Connection): Promise<"events" | "json" | "other" | "broken"> {
  const chunks: Uint8Array[] = [];
  let start = "";
  do {
    const chunk = await connection.read();
    if (chunk === "broken") return "broken";
    if (chunk === "end") break;
    chunks.push(chunk);
    start = decoder.decode(withoutBom(concatBytes(chunks))).trimStart();
  } while (start.length < ENOUGH_BYTES && !start.startsWith("{") && !start.includes(":"));
  connection.unread(concatBytes(chunks));
  if (EVENT_FIELD.test(start)) return "events";
  return start.startsWith("{") ? "json" : "other";
}
