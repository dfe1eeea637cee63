import type { HeaderMap } from "../core/header-map.ts";

/** What the caller gets of an upstream: its status, its headers before any rule of ours, its body. */
export interface Delivery {
  readonly status: number;
  readonly headers: HeaderMap;
  /** `null`: such an answer has none (204, `HEAD`). */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  /** Set where the body still is in an encoding the runtime does not know. */
  readonly encoding: string | undefined;
  /** `upstream_error` where an upstream's refusal is the answer. */
  readonly errorCode: "upstream_error" | undefined;
  /** Whose account the upstream's answer speaks of. */
  readonly account: "callers" | "gateways";
  /** Every target failed: the caller's own client should not try again at once. */
  readonly exhausted: boolean;
}
