import type { WholeBody } from "../../core/attempt/outcome.ts";
import type { Connection } from "./connection.ts";
import type { StreamWatch } from "../stream/stream-watch.ts";

/** An answer as the gateway holds it once its first content is in hand. */
export type AnswerBody = WholeBody | FlowingBody;

/** The beginning of an answer, and the connection the rest comes from. */
export interface FlowingBody {
  readonly kind: "flowing";
  /** Goes to the caller first. */
  readonly held: readonly Uint8Array[];
  readonly connection: Connection;
  /** Reads the events of an event stream; `undefined`: bytes that are not looked into (audio, images, large JSON, an unknown encoding). */
  readonly watch: StreamWatch | undefined;
  /** The encoding the bytes still are in because the runtime does not know it (`zstd`). */
  readonly encoding: string | undefined;
}
