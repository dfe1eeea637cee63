import type { CompiledConfig } from "../../config/compiled.ts";
import { documentVersion, openDocument } from "../../config/document.ts";
import { load } from "../../config/load.ts";
import type { SettledPrices } from "../../config/prices.ts";
import type { ConfigPointer } from "../../core/governance/pulse.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import type { ConfigFault, KeepAlive, ServedConfig } from "../../web/api/services.ts";
import { documentKey, type Pointer, pointerKey, readPointer } from "./config-keys.ts";
import { type Deploy, DeployedFile, type SettleDeploy } from "./deployed-file.ts";
import { ListedProjects, type PointerList } from "./listed-projects.ts";

/** For how long a look at KV serves, ms. */
interface Patience {
  /** As it is. */
  readonly freshMs: number;
  /** While somebody looks again in the background; after that a request waits. */
  readonly staleMs: number;
}

/** Spec section 11. */
const CALLERS: Patience = { freshMs: 10_000, staleMs: 60_000 };

/** Who may not call, unless the project was opened since, is in no hurry. */
const STRANGERS: Patience = { freshMs: 60_000, staleMs: 120_000 };

/** Nobody else looks in the background so long after somebody began to, nor anybody so long after a look failed, ms. */
const CLAIM_MS = 10_000;

/** How long a request waits for a fresh look. */
const MAX_WAIT_MS = 250;

/** Seconds that a Cloudflare location may keep the pointer: the least that KV allows. */
const POINTER_TTL_S = 30;

/**
 * Seconds that a location may keep a document. It never changes, but KV remembers a missing key as long as a present one: where a pointer overtakes
 * its document, a longer time would hide the document that long.
 */
const DOCUMENT_TTL_S = 60;

/** Projects that do not exist but were asked for, remembered at most. */
const MAX_UNKNOWN = 256;

/** What an id of a project looks like; nothing else is looked up. */
const PROJECT_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** The project meant by a call that names none, where there is one of this name. */
const DEFAULT_PROJECT = "default";

/** What the cache needs of the world. */
export interface ConfigCacheOptions {
  readonly kv: { get(key: string, options: { readonly type: "text"; readonly cacheTtl: number }): Promise<string | null> } & PointerList;
  /** The configuration of the deploy. */
  readonly bundled: Omit<Deploy, "project"> & { readonly compiled: CompiledConfig; readonly prices: SettledPrices };
  readonly settleDeploy: SettleDeploy;
  readonly localDevelopment: boolean;
  /** ms since the epoch. */
  readonly now: () => number;
  /** Resolves after `ms` or when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What is known of one project. */
interface Entry {
  /** The last good configuration; `undefined`: none, or not looked yet. */
  served: ServedConfig | undefined;
  /** What the governor said that serves; `undefined`: nothing. KV may be behind it. */
  told: ConfigPointer | undefined;
  /** When the last look that told something began. */
  lookedAtMs: number;
  /** When somebody last began to look in the background; that is their job for `CLAIM_MS`. */
  claimedAtMs: number;
  /** When a look last failed, or took too long. */
  faultedAtMs: number;
  /** What is wrong now, in words. */
  fault: string | undefined;
}

/** What a look at KV found. */
type Look =
  | { readonly kind: "served"; readonly served: ServedConfig }
  | { readonly kind: "nothing" }
  | { readonly kind: "broken"; readonly fault: string };

/**
 * What one isolate keeps of the published configurations. Only plain data is shared between requests; each look at KV belongs to one request, since a
 * promise of I/O must not be awaited by another.
 */
export class ConfigCache {
  readonly #options: ConfigCacheOptions;
  readonly #bundled: ServedConfig;
  readonly #deployed: DeployedFile;
  readonly #entries = new Map<string, Entry>();
  readonly #listed: ListedProjects;

  constructor(options: ConfigCacheOptions) {
    this.#options = options;
    this.#listed = new ListedProjects(options.kv, options);
    const { compiled, version, prices, text, builtAtMs } = options.bundled;
    this.#bundled = { table: load(compiled, version, prices), compiled, source: "bundled", publishedAtMs: null };
    this.#deployed = new DeployedFile({ project: compiled.project, version, text, builtAtMs }, options.settleDeploy);
  }

  /** What serves for a project, or for calls that name none: the project `default`, else the bundled one. */
  async find(project: string | undefined, keepAlive: KeepAlive): Promise<Result<ServedConfig, ConfigFault>> {
    return project === undefined ? this.#findUnnamed(keepAlive, CALLERS) : this.#find(project, keepAlive, CALLERS);
  }

  /**
   * What serves for somebody who has shown no key, and so may call an open project only. Whatever project such a caller names, KV is asked for it only
   * where it is known to be open; for what calls without a name get it is asked once a minute, as for nobody.
   */
  async findForStranger(project: string | undefined, keepAlive: KeepAlive): Promise<Result<ServedConfig, ConfigFault>> {
    if (project === undefined) return this.#findUnnamed(keepAlive, STRANGERS);
    if (project === this.#bundled.table.project) return this.#find(project, keepAlive, STRANGERS);
    const isOpen = this.peek(project)?.table.open === true || (PROJECT_ID.test(project) && (await this.#listed.isOpen(project, keepAlive)));
    return isOpen ? this.#find(project, keepAlive, CALLERS) : fail("unknown_project");
  }

  /**
   * The project that a stranger means, where such a caller's key may be one that was issued; `undefined`: no project issues any. Whether there is the named
   * one is not asked.
   */
  async issuingProject(project: string | undefined, keepAlive: KeepAlive): Promise<string | undefined> {
    if (project !== undefined && !PROJECT_ID.test(project)) return undefined;
    const known = project === undefined ? await this.#findUnnamed(keepAlive, STRANGERS) : undefined;
    const meant = known?.ok === true ? known.value.table.project : project;
    const isKnown = meant !== undefined && this.expected(meant)?.table.issued === true;
    return isKnown || (project !== undefined && (await this.#issueKeys(keepAlive))) ? meant : undefined;
  }

  async #issueKeys(keepAlive: KeepAlive): Promise<boolean> {
    return this.#bundled.table.issued || (await this.#listed.issueKeys(keepAlive));
  }

  async #findUnnamed(keepAlive: KeepAlive, patience: Patience): Promise<Result<ServedConfig, ConfigFault>> {
    const bundledProject = this.#bundled.table.project;
    if (bundledProject !== DEFAULT_PROJECT) {
      const found = await this.#find(DEFAULT_PROJECT, keepAlive, patience);
      if (found.ok) return found;
    }
    return this.#find(bundledProject, keepAlive, patience);
  }

  /** What serves for a project as far as is known now. */
  peek(project: string): ServedConfig | undefined {
    return this.#entries.get(project)?.served;
  }

  /** What will most likely serve a call, before anything was looked at. */
  expected(project: string | undefined): ServedConfig | undefined {
    if (project !== undefined) return this.peek(project) ?? this.#bundledFor(project);
    return this.peek(DEFAULT_PROJECT) ?? this.peek(this.#bundled.table.project) ?? this.#bundled;
  }

  /** Takes what the governor says that serves: done when it does here, or could not be read. Never rejects. */
  async learn(project: string, pointer: ConfigPointer): Promise<void> {
    const entry = this.#entries.get(project) ?? this.#remember(project);
    entry.told = pointer;
    if (isNews(pointer, entry.served)) await this.#look(project, entry);
  }

  /** The next request looks at KV at once. A look under way no longer counts. */
  expire(project: string): void {
    const entry = this.#entries.get(project);
    if (entry !== undefined) this.#entries.set(project, newEntry(entry.served));
    this.#listed.expire();
  }

  /** What is wrong with what is published, in words; without secrets. */
  faults(): readonly string[] {
    return [...this.#entries.values(), { fault: this.#deployed.fault() }].flatMap(({ fault }) => (fault === undefined ? [] : [fault]));
  }

  async #find(project: string, keepAlive: KeepAlive, patience: Patience): Promise<Result<ServedConfig, ConfigFault>> {
    if (!PROJECT_ID.test(project)) return fail("unknown_project");
    const entry = this.#entries.get(project) ?? this.#remember(project);
    const { freshMs, staleMs } = entry.served?.table.open === true ? CALLERS : patience;
    const nowMs = this.#options.now();
    const ageMs = nowMs - entry.lookedAtMs;
    if (ageMs < freshMs || nowMs - entry.faultedAtMs < CLAIM_MS) return answerOf(entry);
    if (ageMs < staleMs && entry.served !== undefined) {
      if (nowMs - entry.claimedAtMs >= CLAIM_MS) {
        entry.claimedAtMs = nowMs;
        keepAlive(this.#look(project, entry));
      }
      return answerOf(entry);
    }
    await this.#lookOrGiveUp(project, entry, keepAlive);
    return answerOf(entry);
  }

  /** A look that comes too late for this request still tells the next ones. */
  async #lookOrGiveUp(project: string, entry: Entry, keepAlive: KeepAlive): Promise<void> {
    const over = new AbortController();
    const look = this.#look(project, entry).then(() => "done" as const);
    keepAlive(look);
    const first = await Promise.race([look, this.#options.sleep(MAX_WAIT_MS, over.signal).then(() => "late" as const)]);
    over.abort();
    if (first === "late") this.#note(entry, `KV did not answer within ${MAX_WAIT_MS} ms for project ${project}`);
  }

  /** Never rejects. */
  async #look(project: string, entry: Entry): Promise<void> {
    const beganAtMs = this.#options.now();
    let look: Look;
    try {
      look = await this.#read(project, entry);
    } catch {
      this.#note(entry, `KV cannot be read for project ${project}`);
      return;
    }
    if (beganAtMs < entry.lookedAtMs) return;
    entry.lookedAtMs = beganAtMs;
    entry.faultedAtMs = -Infinity;
    entry.fault = undefined;
    if (look.kind === "broken") this.#note(entry, look.fault);
    else entry.served = look.kind === "served" ? look.served : this.#bundledFor(project);
  }

  async #pointer(project: string, { told, served }: Entry): Promise<Pointer | "nothing" | "garbage"> {
    if (told !== undefined && isNews(told, served)) return told;
    const text = await this.#options.kv.get(pointerKey(project), { type: "text", cacheTtl: POINTER_TTL_S });
    if (text === null || text.trim() === "") return told ?? "nothing";
    return readPointer(text) ?? "garbage";
  }

  async #read(project: string, entry: Entry): Promise<Look> {
    const { kv, bundled, localDevelopment } = this.#options;
    const named = await this.#pointer(project, entry);
    const known = entry.served;
    if (named === "nothing") return { kind: "nothing" };
    if (named === "garbage") return broken(project, "the pointer in KV is garbage");
    const { version, publishedAtMs } = await this.#deployed.over(project, named);
    const published = { source: "published", publishedAtMs } as const;
    // A location of Cloudflare's may hold an earlier pointer for a while.
    if (known !== undefined && isEarlier(publishedAtMs, known.publishedAtMs)) return { kind: "served", served: known };
    if (known?.table.version === version) return { kind: "served", served: publishedAs(known, published) };
    if (bundled.version === version && bundled.compiled.project === project) {
      return { kind: "served", served: publishedAs(this.#bundled, published) };
    }
    const text = await kv.get(documentKey(project, version), { type: "text", cacheTtl: DOCUMENT_TTL_S });
    const short = version.slice(0, 8);
    if (text === null) return broken(project, `version ${short}, which the pointer names, is not in KV`);
    if ((await documentVersion(text)) !== version) return broken(project, `version ${short} in KV is not what was published`);
    const opened = openDocument(text, { localDevelopment });
    if (!opened.ok) return broken(project, `version ${short} cannot be understood by this Worker`);
    const { compiled, prices } = opened.value;
    if (compiled.project !== project) return broken(project, `version ${short} is for project ${compiled.project}`);
    return { kind: "served", served: publishedAs({ table: load(compiled, version, prices), compiled }, published) };
  }

  #bundledFor(project: string): ServedConfig | undefined {
    return this.#bundled.table.project === project ? this.#bundled : undefined;
  }

  #note(entry: Entry, fault: string): void {
    entry.faultedAtMs = this.#options.now();
    entry.fault = `${fault}; ${entry.served === undefined ? "nothing" : `version ${entry.served.table.version.slice(0, 8)}`} serves`;
  }

  /** A new entry; of those without a configuration the oldest makes room. */
  #remember(project: string): Entry {
    const idle = [...this.#entries].filter(([, entry]) => entry.served === undefined);
    for (const [name] of idle.slice(0, Math.max(0, idle.length - MAX_UNKNOWN + 1))) this.#entries.delete(name);
    const entry = newEntry(this.#bundledFor(project));
    this.#entries.set(project, entry);
    return entry;
  }
}

/** A configuration with when it was published, by which a later one's limits are told from an earlier one's. */
function publishedAs(
  { table, compiled }: Pick<ServedConfig, "table" | "compiled">,
  published: Pick<ServedConfig, "source" | "publishedAtMs">,
): ServedConfig {
  if (table.limits === undefined) return { table, compiled, ...published };
  return { table: { ...table, limits: { ...table.limits, revision: published.publishedAtMs ?? 0 } }, compiled, ...published };
}

function isEarlier(publishedAtMs: number | null, knownMs: number | null): boolean {
  return publishedAtMs !== null && knownMs !== null && publishedAtMs < knownMs;
}

/** Whether a pointer leads to something later than what serves. */
function isNews(told: ConfigPointer, served: ServedConfig | undefined): boolean {
  return served?.table.version !== told.version && !isEarlier(told.publishedAtMs, served?.publishedAtMs ?? null);
}

function newEntry(served: ServedConfig | undefined): Entry {
  return { served, told: undefined, lookedAtMs: -Infinity, claimedAtMs: -Infinity, faultedAtMs: -Infinity, fault: undefined };
}

function answerOf(entry: Entry): Result<ServedConfig, ConfigFault> {
  if (entry.served !== undefined) return ok(entry.served);
  return fail(entry.fault === undefined ? "unknown_project" : "no_config");
}

const broken = (project: string, what: string): Look => ({ kind: "broken", fault: `project ${project}: ${what}` });
