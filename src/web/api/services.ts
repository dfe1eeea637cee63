import type { CompiledConfig } from "../../config/compiled.ts";
import type { Problem } from "../../config/file/problem.ts";
import type { IssuedKey } from "../../core/governance/issued-key.ts";
import type { KeyCursor, KeyOrder, KeyOutcome, OrderedBy } from "../../core/governance/key-order.ts";
import type { CounterView } from "../../core/governance/lease.ts";
import type { Limit } from "../../core/governance/limit.ts";
import type { Result } from "../../core/result.ts";
import type { RoutingTable } from "../../core/routing/routing-table.ts";
import type { SecretFault } from "../../core/secrets/secret-fault.ts";
import type { SecretSite } from "../../core/secrets/secret-site.ts";
import type { TraceFilter } from "../../core/trace/trace-filter.ts";
import type { WholeTrace } from "../../core/trace/trace-content.ts";
import type { TraceRecord } from "../../core/trace/trace-record.ts";
import type { Dimension, RollupCell } from "../../core/trace/trace-rollup.ts";
import type { Simulator } from "../../gateway/ports.ts";
import type { KeyFinding } from "../issued-keys.ts";
import type { LocalDevelopment } from "../local-development.ts";
import type { GuessThrottle } from "./guess-throttle.ts";

/** Keeps the request alive until work that its answer does not wait for is done. */
export type KeepAlive = (work: Promise<unknown>) => void;

/** `bundled`: nothing was published, the file of the deploy serves. */
export type ConfigSource = "published" | "bundled";

/** One project's configuration as this isolate serves it. */
export interface ServedConfig {
  readonly table: RoutingTable;
  readonly compiled: CompiledConfig;
  readonly source: ConfigSource;
  /** ms since the epoch; `null`: the bundled file, which nobody published, or not known. */
  readonly publishedAtMs: number | null;
}

/** Why a project is not served: nobody ever published it, or what was published cannot be read or understood. */
export type ConfigFault = "unknown_project" | "no_config";

/** One version of a project's configuration in its history. */
export interface Publication {
  readonly version: string;
  /** ms since the epoch; `null`: the bundled file, which nobody published. */
  readonly publishedAtMs: number | null;
  readonly author: string | null;
  readonly toml: string;
}

/** What came of publishing or rolling back. */
export type PublishResult =
  | {
      readonly kind: "published";
      readonly version: string;
      readonly publishedAtMs: number;
      /** `false`: stored, and being written to KV again in the background. */
      readonly distributed: boolean;
      readonly warnings: readonly Problem[];
    }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] }
  | { readonly kind: "conflict"; readonly current: string | null }
  /** Nothing was published: in the words of the storage, why. */
  | { readonly kind: "not_stored"; readonly reason: string }
  | VersionFault;

/** A shortened version that names none, or several. */
export interface VersionFault {
  readonly kind: "unknown_version" | "ambiguous_version";
}

/** The one authority over what a project publishes. */
export interface ConfigAuthority {
  /** What serves now; `null`: the project has nothing. */
  current(): Promise<(Publication & { readonly source: ConfigSource; readonly warnings: readonly Problem[] }) | null>;
  /** `ifMatch`: the version the change was made from, `"none"` for a new project, `"*"` whatever serves. */
  publish(change: { readonly toml: string; readonly ifMatch: string; readonly author: string | null }): Promise<PublishResult>;
  check(toml: string): Promise<readonly Problem[]>;
  /** Newest first. */
  versions(limit: number): Promise<readonly PublicationEntry[]>;
  version(prefix: string): Promise<Publication | VersionFault>;
  rollback(change: { readonly version: string; readonly ifMatch: string; readonly author: string | null }): Promise<PublishResult>;
}

/** One line of a project's history. */
export interface PublicationEntry {
  readonly version: string;
  readonly publishedAtMs: number;
  readonly author: string | null;
  readonly current: boolean;
}

/** One page of traces, newest first. */
export interface TracePage {
  readonly traces: readonly TraceRecord[];
  /** Where the next page goes on; `null`: nothing older. */
  readonly nextCursor: string | null;
  /** Everything that started then or later was looked at; ms since the epoch; `null`: everything there is. */
  readonly searchedUntilMs: number | null;
}

/** Reads a project's traces, wherever they lie. */
export interface TraceReader {
  list(query: { readonly filter: TraceFilter; readonly limit: number; readonly cursor: string | undefined }): Promise<TracePage>;
  /** `undefined`: no such trace in this project. */
  get(id: string): Promise<WholeTrace | undefined>;
  /** What the traces come to, earliest first; `"too_many"`: they lie in more objects than one call may ask. */
  rollups(query: RollupQuery): Promise<readonly RollupBucket[] | "too_many">;
}

/** A question for counts. Plain data, so that it travels to the objects that hold them. */
export interface RollupQuery {
  /** Both at a whole minute, ms since the epoch. */
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Whole minutes. A bucket begins at a multiple of it since the epoch. */
  readonly stepMs: number;
  readonly by: Dimension;
  /** A second dimension: kinds are then pairs of values. */
  readonly and?: Dimension;
}

/** What the traces that started in one bucket of time come to, one cell per kind. */
export interface RollupBucket {
  readonly startMs: number;
  readonly cells: readonly RollupCell[];
}

/** A key that did not open anything. */
export interface WrongKey {
  /** `too_many`: it was not even looked at, so many wrong ones came from this client. */
  readonly kind: "wrong_key" | "too_many";
  /** Seconds after which the client's next key is looked at; 0: at once. */
  readonly retryAfterS: number;
}

/** What came of a sign-in with the right key. */
export type SignIn = { readonly kind: "signed_in"; readonly token: string } | WrongKey;

/** Who is signed in, and who failed too often. `client`: where keys come from. */
export interface AdminSessions {
  /** Begins a session for a client that showed the right key, unless it has to wait. */
  signIn(client: string): Promise<SignIn>;
  /** Counts a wrong key, unless the client has to wait. */
  countWrongKey(client: string): Promise<WrongKey>;
  isSignedIn(token: string): Promise<boolean>;
  signOut(token: string): Promise<void>;
}

/** Reads where a project's limits stand. */
export interface LimitReader {
  /** The subjects that were used in the last 24 hours, the last used first. */
  subjects(): Promise<readonly string[]>;
  /** `limits`: those that the configuration has on it. */
  view(subject: string, limits: readonly Limit[]): Promise<readonly CounterView[]>;
}

/** The one authority over a project's issued keys. */
export interface KeyAuthority {
  /** `null`: there is none of this id. */
  get(id: string): Promise<IssuedKey | null>;
  /** The newest first, those made before `before`; `null`: from the newest on. */
  list(limit: number, before: KeyCursor | null): Promise<readonly IssuedKey[]>;
  /** What it does is in force in this isolate at once. */
  order(order: KeyOrder, by: OrderedBy): Promise<KeyOutcome>;
}

/** All that the control API needs of the world. */
export interface ControlServices {
  /** TO11_ADMIN_KEY, whatever its length; empty where it is not set. */
  readonly adminKey: string;
  readonly development: LocalDevelopment;
  readonly sessions: AdminSessions;
  /** What this isolate knows of clients that have to wait. */
  readonly throttle: GuessThrottle;
  /** What this isolate serves for a project; `undefined` asks for the one that requests get which name none. */
  served(project: string | undefined, keepAlive: KeepAlive): Promise<Result<ServedConfig, ConfigFault>>;
  /** The same for somebody who has shown no key, as far as that one may call it: KV is not asked for whatever such a caller names. */
  servedToStrangers(project: string | undefined, keepAlive: KeepAlive): Promise<Result<ServedConfig, ConfigFault>>;
  /** The next request in this isolate looks at what is published. */
  expire(project: string): void;
  /** The project of the bundled file: what calls without `project` mean where no `default` exists. */
  readonly bundledProject: string;
  /** The version of the bundled file; `undefined` under `to11 dev`, which publishes its file over it. */
  readonly deployedVersion: string | undefined;
  authority(project: string): ConfigAuthority;
  keys(served: ServedConfig): KeyAuthority;
  /** What is known of a key that somebody presents to a project which issues keys. Never rejects. */
  findKey(project: string, presented: string): Promise<KeyFinding>;
  /**
   * The same for somebody who has shown nothing else, of whatever project such a caller names: KV is asked once for each id that it does not know, the 256
   * last of which are remembered for 30 s, and never where no project issues keys. Never rejects.
   */
  findStrangersKey(project: string | undefined, presented: string, keepAlive: KeepAlive): Promise<KeyFinding>;
  /** Which governors do not answer this isolate, and since when, in words. */
  governorFaults(): readonly string[];
  traces(served: ServedConfig): TraceReader;
  /** A WebSocket (101) that tells each trace as it is stored; 503: too many listen already. */
  watchTraces(served: ServedConfig, filter: TraceFilter): Promise<Response>;
  limits(served: ServedConfig): LimitReader;
  /** This API, described; `undefined`: the deploy ships no description. */
  openApi(): Promise<unknown>;
  /** Ids of all projects that have a configuration. */
  projects(): Promise<readonly string[]>;
  isSecretSet(name: string): boolean;
  /** Why a call could not send a secret there; `undefined`: it can. */
  secretFault(name: string, site: SecretSite): SecretFault | undefined;
  readonly simulator: Simulator | undefined;
  /** What is wrong with reading the published configuration, in words; without secrets. */
  configFaults(): readonly string[];
  /** Traces of this isolate that could not be stored. */
  lostTraces(): number;
  /** Traces of this isolate that the collector of [traces].otlp_endpoint did not take. */
  lostExports(): number;
}
