import type { EndpointKind } from "../../../core/endpoint.ts";
import type { CompiledConfig, CompiledProvider, CompiledRoute } from "../../../config/compiled.ts";
import { pathsReached } from "../../../config/translations.ts";
import { shellWord } from "../../terminal/shell-word.ts";

/** Where a key is to be found by the shell that the call is pasted into. */
export interface KeyPlace {
  readonly name: string;
  /** `undefined`: in the shell's own environment. */
  readonly envFile: string | undefined;
}

/** What a call is made for. */
export interface ExampleCall {
  readonly compiled: CompiledConfig;
  /** `http://localhost:4000` */
  readonly url: string;
  /** `null`: nobody needs one. */
  readonly gatewayKey: KeyPlace | null;
  /** Ids of the providers that the simulator stands in for. */
  readonly simulated: ReadonlySet<string>;
}

interface Example {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What is asked of each kind whose answer can be read in a terminal. */
const EXAMPLES: Readonly<Partial<Record<EndpointKind, Example>>> = {
  chat: { path: "/v1/chat/completions", body: { messages: [{ role: "user", content: "Hello" }] } },
  embeddings: { path: "/v1/embeddings", body: { input: "Hello" } },
};

/** A call that this configuration answers, to paste into a shell as it is; `null` where nothing answers without a key of the caller's own. */
export function exampleCall({ compiled, url, gatewayKey, simulated }: ExampleCall): string | null {
  const found = managedModel(compiled) ?? passedModel(compiled, simulated);
  if (found === undefined) return null;
  const { example, model } = found;
  const key = gatewayKey === null ? "" : ` -H "x-to11-authorization: Bearer ${keyExpression(gatewayKey)}"`;
  return `curl ${url}${example.path} -H 'Content-Type: application/json'${key} -d ${shellWord(JSON.stringify({ model, ...example.body }))}`;
}

interface Found {
  readonly example: Example;
  readonly model: string;
}

/** A model that a route covers, else a route's name; of a route for chats, if there is one. */
function managedModel(compiled: CompiledConfig): Found | undefined {
  const called = Object.entries(EXAMPLES).flatMap(([kind, example]) => {
    const routes = compiled.routes.filter((route) => (route.kind ?? "chat") === kind && speaks(compiled, route, example.path));
    const route = routes.find(({ models }) => models.length > 0) ?? routes[0];
    return route === undefined ? [] : [{ example, model: route.models[0] ?? `${route.layer}::${route.name}` }];
  });
  return called[0];
}

function speaks({ providers }: CompiledConfig, { steps, translate }: CompiledRoute, path: string): boolean {
  const reached = (provider: CompiledProvider): readonly string[] => (translate === false ? provider.speaks : pathsReached(provider));
  const called = steps.flatMap(({ candidates }) => candidates.flatMap((candidate) => providers[candidate.provider] ?? []));
  return called.some((provider) => reached(provider).includes(path));
}

/** A listed model that is passed through to a provider which wants no key of the caller's. */
function passedModel({ providers }: CompiledConfig, simulated: ReadonlySet<string>): Found | undefined {
  const example = EXAMPLES.chat;
  const provider = providers.find(
    (each) =>
      (simulated.has(each.id) || each.credential === undefined || each.passthrough === "stored") &&
      each.models.some(isName) &&
      pathsReached(each).includes(example?.path ?? ""),
  );
  const model = provider?.models.find(isName);
  return example === undefined || model === undefined ? undefined : { example, model };
}

function isName(model: string): boolean {
  return model !== "*";
}

/** What the shell puts a gateway key in the place of. The key itself is never shown. */
function keyExpression({ name, envFile }: KeyPlace): string {
  if (envFile === undefined) return `$${name}`;
  return String.raw`$(sed -n 's/^ *\(export \)*${name} *=[^t]*\(to11_[A-Za-z0-9_-]*\).*/\2/p' ${shellWord(envFile)} | tail -n 1)`;
}
