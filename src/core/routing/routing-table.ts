import type { EndpointKind } from "../endpoint.ts";
import type { KeyPlan } from "../governance/key-plan.ts";
import type { Translation } from "../translation.ts";
import type { Limit } from "../governance/limit.ts";
import type { TableLimits, TakenAlong } from "../governance/table-limits.ts";
import type { AuthForm } from "./provider-type.ts";
import type { Strategy, StrategyName } from "./strategy.ts";
import type { Price } from "../usage/usage.ts";

/** Everything a request needs of one project's configuration: compiled once, looked up by name, never changed. */
export interface RoutingTable {
  readonly project: string;
  /** SHA-256 of the published document, 64 hex digits. */
  readonly version: string;
  /** Names of the secrets that hold the keys callers may use. */
  readonly apiKeys: readonly string[];
  /** Anyone may call. */
  readonly open: boolean;
  /** Keys that the gateway made may call. */
  readonly issued: boolean;
  /** `[plans]`, by their names. */
  readonly plans: ReadonlyMap<string, KeyPlan>;
  /** The plan of those who call with one of `apiKeys`; `undefined`: none, they may ask for everything. */
  readonly staticPlan: KeyPlan | undefined;
  readonly corsOrigins: ReadonlySet<string>;
  readonly maxBodyBytes: number;
  /** Of a body that is passed on while it comes. */
  readonly maxUploadBytes: number;
  /** `undefined`: nobody and nothing is limited. */
  readonly limits: TableLimits | undefined;
  readonly functions: ReadonlyMap<string, Route>;
  readonly routes: ReadonlyMap<string, Route>;
  /** Which route covers a model, per kind of endpoint. */
  readonly routesByModel: Readonly<Record<EndpointKind, ReadonlyMap<string, Route>>>;
  readonly providers: ReadonlyMap<string, Provider>;
  /** The first provider in file order that lists a model by name. */
  readonly listings: ReadonlyMap<string, Provider>;
  /** The first provider in file order that lists all (`models = ["*"]`). */
  readonly listsAll: Provider | undefined;
  readonly models: ReadonlyMap<string, ModelSettings>;
  readonly traces: TraceSettings;
}

/** `[models."…"]`. */
export interface ModelSettings {
  readonly timeoutMs: number | undefined;
  readonly price: Price | undefined;
  /** Tokens that input and output may have together. */
  readonly contextWindow: number | undefined;
  /** Tokens that an answer may have. */
  readonly maxOutputTokens: number | undefined;
}

/** `[traces]`. */
export interface TraceSettings {
  readonly captureContent: boolean;
  readonly retentionDays: number;
  /** How many objects share a day's traces, 1 or more. */
  readonly shards: number;
  readonly jurisdiction: "eu" | "us" | undefined;
  readonly otlpEndpoint: string | undefined;
  readonly otlpHeaders: readonly HeaderSetting[];
}

/** A header or query value that goes out on every call: a literal, or the name of the secret that holds it. */
export interface HeaderSetting {
  readonly name: string;
  readonly value: string | { readonly secret: string };
}

/** An upstream account: where it is, how it is spoken to. */
export interface Provider {
  readonly id: string;
  readonly models: readonly string[];
  /** Scheme, host and port: the provider's secrets are pinned to it. */
  readonly origin: string;
  /** The secret that calls use unless the target names its own; `undefined`: the provider takes no key. */
  readonly credential: string | undefined;
  readonly passthrough: "caller" | "stored";
  readonly streamUsage: boolean;
  /** What OpenTelemetry's conventions call it. */
  readonly otelName: string;
  /** What its models cost, as far as that is known. */
  readonly prices: ReadonlyMap<string, Price>;
  /** Tokens that input and output of its models may have together, as far as that is known. */
  readonly contextWindows: ReadonlyMap<string, number>;
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number;
  /** How to call it, per path it speaks (`"/v1/chat/completions"`). */
  readonly calls: ReadonlyMap<string, UpstreamCall>;
  /** The caller's headers that go to it besides the standing ones, in lower case. */
  readonly forwardHeaders: readonly string[];
  /** What else its API has that names no model, by the beginnings of paths behind `/v1/`. */
  readonly others: readonly string[];
  /** How to call it at all other paths. */
  readonly api: ProviderApi;
  /** What a call with its own credential counts against; `undefined`: nothing. */
  readonly along: readonly TakenAlong[] | undefined;
}

/** All of a provider's API, as it is called where no path of the gateway is meant. */
export interface ProviderApi extends Omit<UpstreamCall, "url" | "path" | "translation"> {
  /** Where it begins, without a slash at the end. */
  readonly baseUrl: string;
  /** The literal query, `"?api-version=2024"`, or nothing. */
  readonly query: string;
}

/** One path of one provider, ready to be called but for key and body. */
export interface UpstreamCall {
  /** The whole URL with the literal query, without secrets. */
  readonly url: string;
  readonly auth: AuthForm;
  /** Sent unless the caller sent a header of that name that may pass (`anthropic-version`). */
  readonly defaultHeaders: readonly (readonly [string, string])[];
  /** `headers` of routes.toml, which win over all others. */
  readonly headers: readonly HeaderSetting[];
  /** Query parameters whose value is a secret. */
  readonly secretQuery: readonly HeaderSetting[];
  /** The path that is called upstream, as `speaks` names it: the one that was called, unless there is a translation. */
  readonly path: string;
  /** How a call is put to it where it does not speak the path called; `undefined`: it does. */
  readonly translation: Translation | undefined;
}

/** A managed route or a function. */
export interface Route {
  readonly name: string;
  readonly layer: "route" | "function";
  /** The kind it is for; `undefined`: every kind (a bare target). */
  readonly kind: EndpointKind | undefined;
  /** As the trace and `x-to11-strategy` say it: `fallback` where there are steps. */
  readonly strategy: StrategyName;
  readonly models: readonly string[];
  /** At least one; more than one only where routes.toml says `steps`. */
  readonly steps: readonly RouteStep[];
  readonly stickyBy: "user" | "session" | "conversation" | undefined;
  readonly retry: RetryPolicy;
  /** 4xx statuses that count as a failed attempt besides the standing ones. */
  readonly failoverOn: ReadonlySet<number>;
  readonly totalTimeoutMs: number | undefined;
  readonly rescue: "prefill" | "restart" | undefined;
  /** Whether targets that do not speak the path called are asked in their own dialect. */
  readonly translate: boolean;
  /** Whether a target is passed over where a translation would leave something out that was asked for. */
  readonly strictTranslation: boolean;
  readonly limits: readonly Limit[] | undefined;
  /** How often a conversation may end with the same tool call; `undefined`: as often as it likes. */
  readonly sameToolCall: number | undefined;
}

/** One step: a strategy over candidates. */
export interface RouteStep {
  readonly strategy: Strategy;
  readonly candidates: readonly Candidate[];
}

/** How often and after which wait the same target is tried again. */
export interface RetryPolicy {
  readonly maxRetries: number;
  readonly backoffBaseMs: number;
}

/** A target as one route uses it: all that an attempt needs, settled at compile time. */
export interface Candidate {
  /** The target's name in routes.toml; where it has none (a function's `models`, a variant's `model`), the model's name. */
  readonly target: string;
  readonly provider: Provider;
  /** The model's name as the upstream knows it. */
  readonly model: string;
  /** The secret for this target; `undefined`: the provider takes no key. */
  readonly credential: string | undefined;
  /** ≥ 0; shares are relative to the step's sum. */
  readonly weight: number;
  /** Until the first content. */
  readonly timeoutMs: number;
  /** Between contents of a stream. */
  readonly idleTimeoutMs: number;
  /** The most that the model may answer, tokens; `undefined`: routes.toml does not say. */
  readonly maxOutputTokens: number | undefined;
  /** `undefined`: not known. */
  readonly price: Price | undefined;
  readonly variant: Variant | undefined;
  /** What each attempt counts against; `undefined`: nothing. */
  readonly along: readonly TakenAlong[] | undefined;
}

/** One arm of an experiment. */
export interface Variant {
  readonly name: string;
  /** Request parameters the variant adds, each value as JSON text: `["temperature", "0.2"]`. */
  readonly parameters: readonly (readonly [string, string])[];
}
