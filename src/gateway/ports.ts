import type { SecretFault } from "../core/secrets/secret-fault.ts";
import type { SecretSite } from "../core/secrets/secret-site.ts";
import type { GatheredContent } from "../core/trace/trace-content.ts";
import type { TraceRecord } from "../core/trace/trace-record.ts";

/** An upstream call as the path makes it. */
export interface UpstreamInit {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  readonly redirect: "manual";
  readonly signal: AbortSignal;
}

/** All that the request path knows of the world. `worker.ts` builds it; tests may build their own. */
export interface Ports {
  fetch(url: string, init: UpstreamInit): Promise<Response>;
  /** What is written comes out; as the body of a call it is sent with that length, or in chunks where it is not known. */
  pipe(bytes: number | undefined): TransformStream<Uint8Array, Uint8Array>;
  /** Both ends of a WebSocket: the caller's, for the answer, and the one that this side speaks by. */
  socketPair(): { readonly callers: WebSocket; readonly own: WebSocket };
  /** Milliseconds since the epoch. On Workers it moves only with I/O. */
  now(): number;
  /** A uniform integer in `[0, total)` from the platform's cryptographic source, `total` ≥ 1 and ≤ 2³². */
  draw(total: number): number;
  /** `length` bytes of the platform's cryptographic source. */
  randomBytes(length: number): Uint8Array;
  /** Calls back once after `ms`, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
  /** A secret's value, if it is set and the deployed configuration sends it there. */
  secret(name: string, site: SecretSite): { readonly value: string } | { readonly fault: SecretFault };
  /** A text without secrets that the gateway sends or is called with, in whatever writing: see `core/secrets/secret-forms.ts`. */
  readonly redact: (text: string) => string;
  /** The same of bytes; all others stay as they are. */
  readonly redactBytes: (bytes: Uint8Array) => Uint8Array;
  /** Whether a value that a caller sent is, or holds, a secret of the gateway's. */
  readonly holdsSecret: (value: string) => boolean;
  /** The built-in upstream of `to11 dev`, and what it stands in for; `undefined` wherever it is not running. */
  readonly simulator: Simulator | undefined;
  /** Takes a closed trace for storing, and what was said where that is to be kept. Returns at once and never throws. */
  record(trace: TraceRecord, content?: GatheredContent): void;
}

/** Where the simulator listens and whom it stands in for. */
export interface Simulator {
  /** `http://127.0.0.1:PORT`. A call goes to `{url}/{provider id}{path}`, such as `{url}/openai/v1/chat/completions`. */
  readonly url: string;
  /** Ids of the providers whose every call goes there, without any key. */
  readonly providers: ReadonlySet<string>;
}
