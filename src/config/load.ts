import { ENDPOINT_KINDS, type EndpointKind } from "../core/endpoint.ts";
import { type KeyPlan, missingPlan } from "../core/governance/key-plan.ts";
import type {
  Candidate,
  HeaderSetting,
  ModelSettings,
  Provider,
  ProviderApi,
  Route,
  RouteStep,
  RoutingTable,
  UpstreamCall,
} from "../core/routing/routing-table.ts";
import type { Translation } from "../core/translation.ts";
import { PROVIDER_TYPES } from "../providers/index.ts";
import { openai } from "../providers/openai.ts";
import { STRATEGIES } from "../strategies/index.ts";
import type {
  CompiledCandidate,
  CompiledConfig,
  CompiledHeader,
  CompiledModel,
  CompiledPlan,
  CompiledProvider,
  CompiledRoute,
} from "./compiled.ts";
import { loadedLimits, loadLimits, loadTakenAlong } from "./load-limits.ts";
import { NO_PRICES, type SettledPrices } from "./prices.ts";
import { ANY_OTHER_PATH, authOf, originOf } from "./secret-uses.ts";
import { translatedPaths } from "./translations.ts";

/** 512 MiB: the largest file that OpenAI takes. https://platform.openai.com/docs/api-reference/files/create */
const DEFAULT_MAX_UPLOAD_BYTES = 536_870_912;

/** Links a checked configuration into the table that requests are looked up in. Checks nothing: `compiled` comes from `compile`. */
export function load(compiled: CompiledConfig, version: string, prices: SettledPrices = NO_PRICES): RoutingTable {
  const pricesOf = byProvider(prices.models);
  const windowsOf = byProvider(prices.contextWindows ?? {});
  const providers = compiled.providers.map((provider) =>
    loadProvider(provider, { prices: pricesOf(provider.id), contextWindows: windowsOf(provider.id) }),
  );
  const models = new Map(Object.entries(compiled.models).map(([name, model]) => [name, loadModel(model)]));
  const parts = { providers, models, compiled };
  const routes = compiled.routes.map((route) => loadRoute(route, parts));
  const functions = new Map(routes.filter((route) => route.layer === "function").map((route) => [route.name, route]));
  const explicit = routes.filter((route) => route.layer === "route" && route.kind !== undefined);
  const bare = routes.filter((route) => route.layer === "route" && route.kind === undefined);
  const routesByModel = coverage(explicit, bare);
  const plans = new Map(Object.entries(compiled.plans ?? {}).map(([name, plan]) => [name, loadPlan(name, plan)]));
  const taken = new Set([...functions.keys(), ...explicit.flatMap((route) => [route.name, ...route.models])]);
  return {
    project: compiled.project,
    version,
    apiKeys: compiled.apiKeys,
    open: compiled.open,
    issued: compiled.issued === true,
    plans,
    staticPlan: compiled.plan === undefined ? undefined : (plans.get(compiled.plan) ?? missingPlan(compiled.plan)),
    corsOrigins: new Set(compiled.corsOrigins),
    maxBodyBytes: compiled.maxBodyBytes,
    maxUploadBytes: compiled.maxUploadBytes ?? DEFAULT_MAX_UPLOAD_BYTES,
    limits: loadLimits(compiled),
    functions,
    routes: new Map([
      ...explicit.map((route) => [route.name, route] as const),
      // A bare target answers to its own name too: whatever the file says explicitly of that name goes first.
      ...bare.filter((route) => !taken.has(route.name)).map((route) => [route.name, route] as const),
    ]),
    routesByModel,
    providers: new Map(providers.map((provider) => [provider.id, provider])),
    listings: listingsOf(providers),
    listsAll: providers.find((provider) => provider.models.includes("*")),
    models,
    traces: {
      captureContent: compiled.traces.captureContent,
      retentionDays: compiled.traces.retentionDays,
      shards: compiled.traces.shards,
      jurisdiction: compiled.traces.jurisdiction,
      otlpEndpoint: compiled.traces.otlpEndpoint,
      otlpHeaders: compiled.traces.otlpHeaders.map(loadSetting),
    },
  };
}

/** A lookup by provider id of what is known of its models. */
function byProvider<Fact>(facts: Readonly<Record<string, Readonly<Record<string, Fact>>>>): (id: string) => ReadonlyMap<string, Fact> {
  const byId = new Map(Object.entries(facts));
  return (id) => new Map(Object.entries(byId.get(id) ?? {}));
}

/** Any of the four lists says all that may be asked for; an empty one is nothing. */
function loadPlan(name: string, { routes, functions, models, providers }: CompiledPlan): KeyPlan {
  const isOpen = [routes, functions, models, providers].every((list) => list === undefined);
  const allow = { routes: new Set(routes), functions: new Set(functions), models: new Set(models), providers: new Set(providers) };
  return { name, allow: isOpen ? undefined : allow, limits: {} };
}

function loadModel({ timeoutMs, price, contextWindow, maxOutputTokens }: CompiledModel): ModelSettings {
  return { timeoutMs, price, contextWindow, maxOutputTokens };
}

/** Which route covers a model, per kind; a bare target covers the kinds that no route of the file does. */
function coverage(explicit: readonly Route[], bare: readonly Route[]): Readonly<Record<EndpointKind, ReadonlyMap<string, Route>>> {
  const byKind = (kind: EndpointKind) => {
    const fitting = [...bare, ...explicit.filter((route) => route.kind === kind)];
    return new Map(fitting.flatMap((route) => route.models.map((model) => [model, route] as const)));
  };
  const [chat, embeddings, audioSpeech, audioTranscription, imageGeneration] = ENDPOINT_KINDS;
  return {
    [chat]: byKind(chat),
    [embeddings]: byKind(embeddings),
    [audioSpeech]: byKind(audioSpeech),
    [audioTranscription]: byKind(audioTranscription),
    [imageGeneration]: byKind(imageGeneration),
  };
}

function listingsOf(providers: readonly Provider[]): ReadonlyMap<string, Provider> {
  const listings = new Map<string, Provider>();
  for (const provider of providers) {
    for (const model of provider.models) if (model !== "*" && !listings.has(model)) listings.set(model, provider);
  }
  return listings;
}

/** What candidates are linked with. */
type Parts = Pick<RoutingTable, "models"> & { readonly providers: readonly Provider[]; readonly compiled: CompiledConfig };

function loadRoute(route: CompiledRoute, parts: Parts): Route {
  return {
    name: route.name,
    layer: route.layer,
    kind: route.kind,
    strategy: route.strategy,
    models: route.models,
    steps: route.steps.map((step): RouteStep => ({
      strategy: STRATEGIES[step.strategy],
      candidates: step.candidates.flatMap((candidate) => loadCandidate(candidate, parts)),
    })),
    stickyBy: route.stickyBy,
    retry: { maxRetries: route.maxRetries, backoffBaseMs: route.backoffBaseMs },
    failoverOn: new Set(route.failoverOn),
    totalTimeoutMs: route.totalTimeoutMs,
    rescue: route.rescue,
    translate: route.translate ?? true,
    strictTranslation: route.strictTranslation ?? false,
    limits: loadedLimits(route.limits),
    sameToolCall: route.sameToolCall ?? parts.compiled.limits?.sameToolCall,
  };
}

function loadCandidate(candidate: CompiledCandidate, { providers, models, compiled }: Parts): readonly Candidate[] {
  const provider = providers[candidate.provider];
  const settings = compiled.providers[candidate.provider];
  if (provider === undefined || settings === undefined) return [];
  const { target, model, credential, weight, timeoutMs, idleTimeoutMs, variant } = candidate;
  const price = models.get(model)?.price ?? provider.prices.get(model);
  const maxOutputTokens = models.get(model)?.maxOutputTokens;
  const along = loadTakenAlong(settings, candidate);
  return [{ target, provider, model, credential, weight, timeoutMs, idleTimeoutMs, maxOutputTokens, price, variant, along }];
}

function loadProvider(provider: CompiledProvider, known: Pick<Provider, "prices" | "contextWindows">): Provider {
  const api = apiOf(provider);
  return {
    id: provider.id,
    models: provider.models,
    origin: originOf(provider.baseUrl),
    credential: provider.credential,
    passthrough: provider.passthrough,
    streamUsage: provider.streamUsage,
    otelName: PROVIDER_TYPES.get(provider.type)?.otelName ?? provider.type,
    ...known,
    timeoutMs: provider.timeoutMs,
    idleTimeoutMs: provider.idleTimeoutMs,
    calls: callsOf(provider, api),
    forwardHeaders: provider.forwardHeaders ?? [],
    others: (provider.hasOthers && PROVIDER_TYPES.get(provider.type)?.others) || [],
    api,
    along: loadTakenAlong(provider, { target: "" }),
  };
}

function apiOf(provider: CompiledProvider): ProviderApi {
  const literals = provider.query.flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []));
  return {
    baseUrl: provider.baseUrl,
    query: literals.length === 0 ? "" : `?${new URLSearchParams(literals).toString()}`,
    secretQuery: provider.query.filter(([, value]) => typeof value !== "string").map(loadSetting),
    headers: provider.headers.map(loadSetting),
    ...spokenTo(provider, ANY_OTHER_PATH),
  };
}

function callsOf(provider: CompiledProvider, { baseUrl, query, headers, secretQuery }: ProviderApi): ReadonlyMap<string, UpstreamCall> {
  const callOf = (path: string, translation?: Translation): UpstreamCall => ({
    url: `${baseUrl}${path.replace(/^\/v1(?=\/)/, "")}${query}`,
    headers,
    secretQuery,
    ...spokenTo(provider, path),
    path,
    translation,
  });
  const translated = provider.translate === false ? [] : translatedPaths(provider.speaks);
  return new Map([
    ...translated.map(({ called, spoken, translation }) => [called, callOf(spoken, translation)] as const),
    ...provider.speaks.map((path) => [path, callOf(path)] as const),
  ]);
}

function spokenTo(provider: CompiledProvider, path: string): Pick<UpstreamCall, "auth" | "defaultHeaders"> {
  const type = PROVIDER_TYPES.get(provider.type) ?? openai;
  return { auth: authOf(provider, path), defaultHeaders: Object.entries(type.headers(path)) };
}

function loadSetting([name, value]: CompiledHeader): HeaderSetting {
  return { name, value };
}
