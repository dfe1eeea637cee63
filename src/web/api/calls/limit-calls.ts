import { type Limit, MICRO_USD, unitOf } from "../../../core/governance/limit.ts";
import type { CounterView } from "../../../core/governance/lease.ts";
import { SUBJECT_KINDS } from "../../../core/governance/subject.ts";
import { GatewayError } from "../../../core/gateway-error.ts";
import type { RoutingTable } from "../../../core/routing/routing-table.ts";
import { answer, type ApiCall } from "../call.ts";
import { isoTime } from "../serving.ts";

/** What GET /api/limits takes besides the project. */
export const LIMIT_PARAMETERS = ["subject"] as const;

/** GET /api/limits: where the limits stand of all subjects that were used in the last 24 hours, or of one. */
export async function listLimits(call: ApiCall): Promise<Response> {
  const served = await call.served();
  const meters = call.control.limits(served);
  const asked = call.query.get("subject");
  if (asked !== null) checkSubject(asked);
  const subjects = asked === null ? await meters.subjects() : [asked];
  const nowMs = Date.now();
  const standings = await Promise.all(
    subjects.map(async (subject) => {
      const counters = await meters.view(subject, limitsOn(served.table, subject));
      return counters.map((counter) => shown(subject, counter, nowMs));
    }),
  );
  return answer("limitsSchema", { limits: standings.flat() });
}

/** @throws GatewayError `invalid_request`. */
function checkSubject(subject: string): void {
  const [kind, name] = partsOf(subject);
  if (kind !== undefined && (kind === "project") === (name === "")) return;
  throw new GatewayError(
    "invalid_request",
    `subject must be "project", or ${SUBJECT_KINDS.slice(1).join(", ")} with a name, such as "key/TO11_API_KEY"; not ${JSON.stringify(subject)}.`,
    { param: "subject" },
  );
}

function partsOf(subject: string): readonly [(typeof SUBJECT_KINDS)[number] | undefined, string] {
  const at = subject.indexOf("/");
  const kind = at < 0 ? subject : subject.slice(0, at);
  return [SUBJECT_KINDS.find((each) => each === kind), at < 0 ? "" : subject.slice(at + 1)];
}

/** The limits that a configuration has on a subject, whoever told its meter of them; none: it says nothing. */
function limitsOn(table: RoutingTable, subject: string): readonly Limit[] {
  const { limits } = table;
  const [kind, name] = partsOf(subject);
  if (limits === undefined || kind === undefined) return [];
  switch (kind) {
    case "project":
    case "key":
    case "user":
    case "session":
      return limits[kind] ?? [];
    case "team":
      return limits.teams.get(name) ?? limits.team ?? [];
    case "route":
      return table.routes.get(name)?.limits ?? [];
    case "function":
      return table.functions.get(name)?.limits ?? [];
    case "account":
    case "target":
      return alongOf(table, kind, name);
  }
}

function alongOf(table: RoutingTable, kind: "account" | "target", name: string): readonly Limit[] {
  const routes = [...table.routes.values(), ...table.functions.values()];
  const candidates = routes.flatMap(({ steps }) => steps.flatMap((step) => step.candidates));
  const all = [...candidates, ...table.providers.values()].flatMap(({ along }) => along ?? []);
  return all.find((each) => each.kind === kind && each.name === name)?.limits ?? [];
}

/** Money in USD, all else in whole units. */
function shown(subject: string, { name, max, left, lent, spent, reserved, resetMs }: CounterView, nowMs: number): object & Shown {
  const isMoney = unitOf(name) === "usd";
  const told = (amount: number): number => (isMoney ? amount / MICRO_USD : Math.ceil(amount));
  // The object's clock and this one are not the same to the millisecond.
  const resetsAt = resetMs === null ? null : isoTime(Math.round((nowMs + resetMs) / 1000) * 1000);
  const free = left + lent;
  const isLeft = isMoney ? free / MICRO_USD : Math.floor(free);
  return { subject, limit: name, spent: told(spent), reserved: told(reserved), max: told(max), left: isLeft, resets_at: resetsAt };
}

interface Shown {
  readonly subject: string;
  readonly limit: string;
  readonly spent: number;
  readonly reserved: number;
  readonly max: number;
  readonly left: number;
  readonly resets_at: string | null;
}
