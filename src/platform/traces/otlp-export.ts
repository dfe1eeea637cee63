import { type CalledProvider, otlpBody, otlpSpans } from "../../core/trace/otlp.ts";
import type { RoutingTable } from "../../core/routing/routing-table.ts";
import type { TraceRecord } from "../../core/trace/trace-record.ts";
import type { Ports } from "../../gateway/ports.ts";

/** What the export needs of the world. */
export interface OtlpExportOptions {
  /** What serves a project now. */
  readonly table: (project: string) => RoutingTable | undefined;
  readonly secret: Ports["secret"];
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** ms since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** How long one try may take, ms. Two tries and the pause fit into the 30 s that a request has after its answer. */
const TRY_MS = 5_000;

/** Before the second try, ms. */
const PAUSE_MS = 250;

/** Traces on their way to collectors at most: a slow one must not fill the isolate's memory. */
const MAX_UNDER_WAY = 1000;

/** A batch that is under way for longer than this was cut off with its request, ms. */
const GONE_MS = 30_000;

/** Answers after which the same batch may be sent again: https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The answer to a batch that is larger than a collector, or what stands before it, takes at once. */
const TOO_LARGE = 413;

/** Why a collector did not take a batch. `passing`: it may take the same one later; `too_large`: it may take a part of it. */
interface Failure {
  readonly kind: "passing" | "too_large" | "final";
  readonly reason: string;
}

/** Traces that a collector did not take. */
interface Loss {
  readonly traces: number;
  readonly reason: string;
}

/** Sends closed traces to the collector that their project names. Nothing here throws; what could not be sent is counted. */
export class OtlpExport {
  readonly #options: OtlpExportOptions;
  readonly #underWay = new Set<{ readonly traces: number; readonly sinceMs: number }>();
  #lost = 0;

  constructor(options: OtlpExportOptions) {
    this.#options = options;
  }

  /** Traces of this isolate that no collector took. */
  lost(): number {
    return this.#lost;
  }

  /** Sends traces of one project, each the JSON of a `TraceRecord`, where the project wants that. Never rejects. */
  async send(project: string, records: readonly string[]): Promise<void> {
    const table = this.#options.table(project);
    const endpoint = table?.traces.otlpEndpoint;
    if (table === undefined || endpoint === undefined) return;
    const batch = { traces: records.length, sinceMs: this.#options.now() };
    const isTooMuch = this.#held() + batch.traces > MAX_UNDER_WAY;
    this.#underWay.add(batch);
    const losses = isTooMuch ? [{ traces: records.length, reason: "it is too slow" }] : await this.#deliver(endpoint, table, records);
    // One that is no longer there was counted as lost.
    if (!this.#underWay.delete(batch)) return;
    for (const [reason, alike] of Map.groupBy(losses, (loss) => loss.reason)) {
      const traces = alike.reduce((sum, loss) => sum + loss.traces, 0);
      this.#lost += traces;
      console.error("a collector did not take traces", { project, traces, reason });
    }
  }

  /** Sends a batch; one that is too large in halves, and these again: whatever fits arrives. */
  async #deliver(endpoint: string, table: RoutingTable, records: readonly string[]): Promise<readonly Loss[]> {
    const failure = await this.#tryTwice(endpoint, table, records);
    if (failure === undefined) return [];
    if (failure.kind !== "too_large" || records.length === 1) return [{ traces: records.length, reason: failure.reason }];
    const half = Math.ceil(records.length / 2);
    const first = await this.#deliver(endpoint, table, records.slice(0, half));
    return [...first, ...(await this.#deliver(endpoint, table, records.slice(half)))];
  }

  async #tryTwice(endpoint: string, table: RoutingTable, records: readonly string[]): Promise<Failure | undefined> {
    const spans = records.flatMap((json) => otlpSpans(parseRecord(json), (id) => calledProvider(table, id)));
    const body = JSON.stringify(otlpBody(spans));
    const failure = await this.#try(endpoint, table, body);
    if (failure?.kind !== "passing") return failure;
    await this.#options.sleep(PAUSE_MS);
    return this.#try(endpoint, table, body);
  }

  async #try(endpoint: string, table: RoutingTable, body: string): Promise<Failure | undefined> {
    try {
      const headers = new Headers({ "content-type": "application/json" });
      const { origin } = new URL(endpoint);
      for (const { name, value } of table.traces.otlpHeaders) {
        const secret = typeof value === "string" ? { value } : this.#options.secret(value.secret, { origin, place: "header", name });
        if ("fault" in secret) return { kind: "final", reason: `the secret of its header ${name} is ${secret.fault}` };
        headers.set(name, secret.value);
      }
      const signal = AbortSignal.timeout(TRY_MS);
      const response = await this.#options.fetch(endpoint, { method: "POST", headers, body, redirect: "manual", signal });
      await response.body?.cancel();
      if (response.ok) return undefined;
      if (response.status === TOO_LARGE) return { kind: "too_large", reason: "each of these is too large for it by itself (413)" };
      return { kind: RETRYABLE.has(response.status) ? "passing" : "final", reason: `it answered with ${response.status}` };
    } catch {
      // Refused, cut off, too late: the runtime words them alike. A message might hold a header's value.
      return { kind: "passing", reason: "it cannot be reached or does not answer" };
    }
  }

  /** Traces under way. */
  #held(): number {
    let held = 0;
    for (const batch of this.#underWay) {
      if (this.#options.now() - batch.sinceMs < GONE_MS) held += batch.traces;
      else {
        this.#underWay.delete(batch);
        this.#lost += batch.traces;
      }
    }
    return held;
  }
}

function calledProvider(table: RoutingTable, id: string): CalledProvider | undefined {
  const provider = table.providers.get(id);
  if (provider === undefined) return undefined;
  const { hostname, port, protocol } = new URL(provider.origin);
  const usual = protocol === "http:" ? 80 : 443;
  return { name: provider.otelName, host: hostname, port: port === "" ? usual : Number(port) };
}

/** Written by this isolate, so it is not checked again. */
function parseRecord(json: string): TraceRecord {
  return JSON.parse(json) as TraceRecord;
}
