import type { EndpointKind } from "../core/endpoint.ts";
import type { StrategyName } from "../core/routing/strategy.ts";
import type { LimitTable } from "../core/governance/limit.ts";
import type { Price } from "../core/usage/usage.ts";

/**
 * A checked routes.toml with every default, name and reference settled: plain JSON, written at publish time and read without checking.
 * `load` links it into a `RoutingTable`. Providers are referred to by their position in `providers`.
 */
export interface CompiledConfig {
  readonly project: string;
  readonly apiKeys: readonly string[];
  readonly open: boolean;
  /** Left out: keys that the gateway made are not accepted. */
  readonly issued?: true;
  /** The plan of `apiKeys`; left out: none. */
  readonly plan?: string;
  /** Left out: none. */
  readonly plans?: Readonly<Record<string, CompiledPlan>>;
  readonly corsOrigins: readonly string[];
  readonly maxBodyBytes: number;
  /** Left out: the default. */
  readonly maxUploadBytes?: number;
  /** Left out: nobody and nothing is limited. */
  readonly limits?: CompiledLimits;
  readonly providers: readonly CompiledProvider[];
  readonly models: Readonly<Record<string, CompiledModel>>;
  /** Routes and functions, bare targets' routes included. */
  readonly routes: readonly CompiledRoute[];
  readonly traces: {
    readonly captureContent: boolean;
    readonly retentionDays: number;
    readonly shards: number;
    readonly jurisdiction?: "eu" | "us";
    readonly otlpEndpoint?: string;
    readonly otlpHeaders: readonly CompiledHeader[];
  };
}

/** `[limits]` and `[teams]`, as they were written. */
export interface CompiledLimits {
  readonly timezone: string;
  readonly onUnavailable: "allow" | "refuse";
  readonly reserve: "expected" | "most";
  readonly project?: LimitTable;
  readonly key?: LimitTable;
  readonly user?: LimitTable;
  readonly session?: LimitTable;
  readonly team?: LimitTable;
  readonly teams?: Readonly<Record<string, LimitTable>>;
  readonly sameToolCall?: number;
}

/** `[plans.NAME]`. None of the four lists: everything may be asked for. */
export interface CompiledPlan {
  readonly routes?: readonly string[];
  readonly functions?: readonly string[];
  readonly models?: readonly string[];
  readonly providers?: readonly string[];
}

/** `[models."…"]` */
export interface CompiledModel {
  readonly timeoutMs?: number;
  readonly price?: Price;
  /** Tokens. */
  readonly contextWindow?: number;
  /** Tokens. */
  readonly maxOutputTokens?: number;
}

/** `[name, literal]`, or `[name, { secret }]`. */
export type CompiledHeader = readonly [string, string | { readonly secret: string }];

export interface CompiledProvider {
  readonly id: string;
  /** A `ProviderType.id`. */
  readonly type: string;
  readonly baseUrl: string;
  readonly models: readonly string[];
  readonly credential?: string;
  readonly passthrough: "caller" | "stored";
  readonly streamUsage: boolean;
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number;
  /** The paths it speaks; the type's unless `speaks` said otherwise. The first of those that fit is the one that calls of another dialect are put to. */
  readonly speaks: readonly string[];
  /** Left out: yes. */
  readonly translate?: false;
  /** Set where `auth_type` overrides the type's form. */
  readonly auth?:
    | { readonly place: "header"; readonly name: string; readonly prefix: string }
    | { readonly place: "query"; readonly name: string }
    | { readonly place: "none" };
  readonly headers: readonly CompiledHeader[];
  readonly query: readonly CompiledHeader[];
  /** The caller's headers that go to it besides the standing ones, in lower case; left out: none. */
  readonly forwardHeaders?: readonly string[];
  /** It is known to have its type's whole API (`ProviderType.others`); left out: it may be a copy that has only models. */
  readonly hasOthers?: true;
  readonly limits?: LimitTable;
}

export interface CompiledRoute {
  readonly name: string;
  readonly layer: "route" | "function";
  /** Left out: every kind (a bare target). */
  readonly kind?: EndpointKind;
  readonly strategy: StrategyName;
  /** The models it covers; empty: it answers to its name only. */
  readonly models: readonly string[];
  readonly steps: readonly { readonly strategy: StrategyName; readonly candidates: readonly CompiledCandidate[] }[];
  readonly stickyBy?: "user" | "session" | "conversation";
  readonly maxRetries: number;
  readonly backoffBaseMs: number;
  readonly failoverOn: readonly number[];
  readonly totalTimeoutMs?: number;
  readonly rescue?: "prefill" | "restart";
  /** Left out: yes. */
  readonly translate?: false;
  /** Left out: no. */
  readonly strictTranslation?: true;
  readonly limits?: LimitTable;
  readonly sameToolCall?: number;
}

export interface CompiledCandidate {
  readonly target: string;
  /** Position in `providers`. */
  readonly provider: number;
  readonly model: string;
  readonly credential?: string;
  readonly weight: number;
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number;
  /** The target's own. */
  readonly limits?: LimitTable;
  readonly variant?: { readonly name: string; readonly parameters: readonly (readonly [string, string])[] };
}
