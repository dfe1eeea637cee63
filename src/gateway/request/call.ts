import type { Endpoint } from "../../core/endpoint.ts";
import type { IssuedKey } from "../../core/governance/issued-key.ts";
import type { KeyPlan } from "../../core/governance/key-plan.ts";
import type { HeaderMap } from "../../core/header-map.ts";
import type { Labels } from "../../core/trace/labels.ts";
import type { TraceContext } from "../../core/trace/traceparent.ts";
import type { Caller } from "./caller.ts";

/** One authenticated request to a path of the gateway, as it came: all that the path needs to know of HTTP. */
export interface Call {
  readonly path: string;
  readonly endpoint: Endpoint;
  readonly contentType: string;
  readonly body: CallBody;
  /** All headers, as they came. */
  readonly headers: HeaderMap;
  /** Headers that may go to any upstream. */
  readonly forwarded: readonly (readonly [string, string])[];
  /** Headers that go upstream only with the caller's own key. */
  readonly forwardedOnPassthrough: readonly (readonly [string, string])[];
  /** What the caller's key may ask for; `undefined`: everything. */
  readonly plan: KeyPlan | undefined;
  /** Parameters of the query string that may go to any upstream. */
  readonly query: readonly (readonly [string, string])[];
  /** The caller's own key for a provider; `undefined`: none was sent. */
  readonly providerKey: ProviderKey | undefined;
  readonly labels: CallLabels;
  /** Who leaves when the platform shows it. */
  readonly caller: Caller;
}

/** A caller's own key for a provider, in the form it came in: of a subscription's token nobody here knows another. */
export interface ProviderKey {
  /** In lower case. */
  readonly header: string;
  /** The header's whole value. */
  readonly sent: string;
  /** The key without its scheme. */
  readonly key: string;
}

/** A request's body in memory, counted against the isolate's budget until everybody who holds it has let go. */
export interface CallBody {
  readonly bytes: Uint8Array;
  /** Holds it past the commit. The result lets go; call it once. */
  hold(): () => void;
}

/** What an issued key says of whoever uses it, and how much that may be. */
export type Holder = Pick<IssuedKey, "owner" | "team" | "metadata" | "limits" | "rev">;

/** What is known of whom a request comes from before anything of its body is; labels are as they were sent. */
export interface CallLabels extends Labels {
  /** The id of the issued key that the caller used, or the secret whose key it was; `null` on an open gateway. */
  readonly apiKey: string | null;
  /** Whose key it is, as the operator says it; `undefined`: keys of this kind do not say so. */
  readonly holder: Holder | undefined;
  /** Program and version by its `user-agent`: `claude-code/2.1`. */
  readonly client: string | null;
  /** The gateway's own span: its trace id is the caller's where the caller sent one. */
  readonly span: TraceContext;
  readonly parentSpanId: string | null;
  readonly colo: string | null;
}
