import type { AnswerFacts, UpstreamError } from "../endpoint.ts";
import type { HeaderMap } from "../header-map.ts";
import type { Untranslatable } from "../translation.ts";

/**
 * What came of one attempt. `Body` is how the gateway holds an answer (whole, or still flowing); nothing here looks inside it.
 */
export type Outcome<Body = unknown> =
  | Answered<Body>
  | Refused
  /** No connection, or it broke before the headers, so long after the call. DNS, TLS and refusal look alike on Workers. */
  | { readonly kind: "unreachable"; readonly afterMs: number }
  /** It broke after the headers and before the first content. */
  | { readonly kind: "cut"; readonly status: number }
  /** `first_content`: the target's own limit; `total`: the route's. */
  | { readonly kind: "timed_out"; readonly limit: "first_content" | "total"; readonly limitMs: number; readonly status: number | null }
  /** It answered 2xx or 3xx with something that the endpoint does not answer with. */
  | { readonly kind: "invalid"; readonly why: string; readonly status: number }
  /** Nobody was called: the secret is not set, is malformed, or may not go to this origin. */
  | { readonly kind: "unsent"; readonly why: string }
  /** Nobody was called: the request cannot be put to this target as it was asked. */
  | { readonly kind: "passed_over"; readonly reasons: readonly Untranslatable[] }
  /** The caller left. */
  | { readonly kind: "cancelled" };

/** The answer has begun: its first content is in hand. */
export interface Answered<Body> {
  readonly kind: "answered";
  readonly status: number;
  readonly headers: HeaderMap;
  readonly body: Body;
}

/** The upstream said no, with a status or with an error as the first thing in its stream. */
export interface Refused {
  readonly kind: "refused";
  readonly status: number;
  readonly headers: HeaderMap;
  readonly bytes: Uint8Array;
  /** What they say. */
  readonly error: UpstreamError;
  /** How long it asks to be left alone, in ms; `undefined`: not said. */
  readonly retryAfterMs: number | undefined;
  /** A 400 that says the conversation does not fit the model. */
  readonly contextTooLong: boolean;
  /** It is about the key that was sent, or the account behind it: 401, 402, 403, and a 400 that says so. */
  readonly credentialRefused: boolean;
  /** What it says where it is for the country or region that the provider is called from; `undefined`: it is not. */
  readonly regionRefusal: string | undefined;
}

/** What a whole answer told about itself, with its bytes. */
export interface WholeBody {
  readonly kind: "whole";
  readonly bytes: Uint8Array;
  readonly facts: AnswerFacts;
}
