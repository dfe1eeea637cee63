import type { Insertion, RequestFacts } from "../../core/endpoint.ts";
import { GatewayError } from "../../core/gateway-error.ts";
import { faultParam, faultText } from "../../core/body/body-fault.ts";
import { withoutSent } from "../../core/body/key-case.ts";
import { asksForUsage, type RequestBody, writeBody } from "../../core/body/model-splice.ts";
import { readBody } from "../../core/body/read-body.ts";
import { type JsonMember, memberOf } from "../../core/json/json-members.ts";
import { fail, type Result } from "../../core/result.ts";
import type { TranslatableAsk, TranslatedAsk, Translation, Untranslatable, Wanted } from "../../core/translation.ts";
import { type Words, wordsOf } from "../../core/trace/trace-content.ts";
import type { Candidate } from "../../core/routing/routing-table.ts";
import type { Call } from "./call.ts";
import type { UsageEvents } from "../stream/stream-watch.ts";

/** What a request asks for. */
export interface Asked {
  readonly model: string;
  readonly facts: RequestFacts;
  /** What the request says. */
  words(): Words;
  /** The body for one target: the caller's bytes but for the model, a variant's parameters and the question for usage. */
  bodyFor(candidate: Candidate): UpstreamBody;
  /** What the caller asks for: a stream, or one whole answer. */
  readonly wanted: Wanted;
  /** Whether a stream's usage goes to the caller, where its dialect asks. */
  readonly usage: UsageEvents;
  /** The body for a target that speaks another dialect, or why there is none. */
  translatedFor(candidate: Candidate, how: Translating): Result<TranslatedAsk, readonly Untranslatable[]>;
  /** The body that makes a target finish what another one began; `undefined`: this request has no place for it. */
  prefilledBodyFor(candidate: Candidate, said: string): UpstreamBody | undefined;
}

/** How a request is put to a target that speaks another dialect. */
export interface Translating {
  readonly translation: Translation;
  /** Whether what would be left out is a reason not to ask. */
  readonly losses: "told" | "refused";
}

/** A body for one target, and whether the usage event that it asks for was asked for by the caller too. */
export interface UpstreamBody {
  readonly body: Uint8Array;
  readonly usageEvents: UsageEvents;
}

/** Longest model name that is looked up; providers' own are far shorter. */
const MODEL_CHARACTERS = 256;

/**
 * Reads a call's body: its model, and where that stands.
 * @throws GatewayError `invalid_request` when it is no JSON object (or no form) with exactly one model.
 */
export function ask(call: Call): Asked {
  const { endpoint } = call;
  const read = readBody(endpoint.requestBody, call.body.bytes, call.contentType);
  if (!read.ok) throw new GatewayError("invalid_request", faultText(read.error), { param: faultParam(read.error) });
  const { model, members, body } = read.value;
  if (model.length > MODEL_CHARACTERS) {
    throw new GatewayError("invalid_request", `"model" has ${model.length} characters; at most ${MODEL_CHARACTERS} are allowed.`, {
      param: "model",
    });
  }
  const facts = endpoint.readRequest(members);
  const parts = { call, facts, body };
  const translatable = new Map<readonly JsonMember[], Result<TranslatableAsk, Untranslatable>>();
  return {
    model,
    facts,
    wanted: facts.stream ? "stream" : "whole",
    usage: asksForUsage(body) ? "shown" : "hidden",
    words: () => wordsOf(members),
    translatedFor(candidate, { translation, losses }) {
      const asking = membersFor(candidate, members);
      const read = translatable.get(asking) ?? translation.readAsk(asking);
      translatable.set(asking, read);
      if (!read.ok) return fail([read.error]);
      const { model: name, maxOutputTokens, provider } = candidate;
      return read.value.write(translation.to, { model: name, maxOutputTokens, streamUsage: provider.streamUsage }, losses);
    },
    bodyFor: (candidate) => bodyFor(candidate, parts, undefined),
    prefilledBodyFor(candidate, said) {
      const insertion = endpoint.continuation?.prefill(members, said);
      return insertion === undefined ? undefined : bodyFor(candidate, parts, insertion);
    },
  };
}

/** What is asked of one target: a variant's parameters too, where the caller sent none of theirs. */
function membersFor({ variant }: Candidate, members: readonly JsonMember[]): readonly JsonMember[] {
  const added = withoutSent(
    variant?.parameters ?? [],
    members.map(({ key }) => key),
  );
  return added.length === 0 ? members : [...members, ...added.map(([key, json]) => memberOf(key, json))];
}

interface BodyParts {
  readonly call: Call;
  readonly facts: RequestFacts;
  readonly body: RequestBody;
}

function bodyFor(candidate: Candidate, parts: BodyParts, insertion: Insertion | undefined): UpstreamBody {
  const { call, facts, body } = parts;
  const asking = facts.stream && call.endpoint.asksForStreamUsage && candidate.provider.streamUsage && !asksForUsage(body);
  const bytes = writeBody(body, {
    model: candidate.model,
    // They shape an answer; a call beside it knows few of them and refuses the others.
    parameters: call.endpoint.beside === undefined ? (candidate.variant?.parameters ?? []) : [],
    usage: asking ? "ask" : "leave",
    ...(insertion === undefined ? {} : { insertion }),
  });
  return { body: bytes, usageEvents: asking ? "hidden" : "shown" };
}
