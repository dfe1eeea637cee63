import { needsPulse } from "../../core/governance/pulse.ts";
import type { ControlServices, KeyAuthority, ServedConfig } from "../../web/api/services.ts";
import type { ConfigCache } from "../config/config-cache.ts";
import type { Env } from "../env.ts";
import { sleep } from "../sleep.ts";
import { governedConfig } from "./governed-config.ts";
import type { Governor } from "./governor.ts";
import { governorAt } from "./governor-place.ts";
import { KeyCache } from "./key-cache.ts";
import { Pulses } from "./pulses.ts";

/** What an isolate knows of governors and keys, as the control API and the request path ask for it. */
export type Governance = Pick<ControlServices, "served" | "servedToStrangers" | "keys" | "findKey" | "findStrangersKey" | "governorFaults">;

/** Makes it, over the configurations that the isolate knows. */
export function governance(env: Env, config: ConfigCache): Governance {
  const now = (): number => Date.now();
  const governorOf = (project: string): DurableObjectStub<Governor> =>
    governorAt(env, project, config.expected(project)?.table.traces.jurisdiction ?? null);
  const pulses = new Pulses({
    ask: (report) => governorOf(report.project).pulse(report),
    async told(project, answer, since) {
      // Whoever knew of no change is told the latest only: what was read before may be older than those.
      if (since === 0 && answer.rev > 0) keys.forget(project);
      for (const key of answer.keys) keys.learn(project, key);
      if (answer.config !== null) await config.learn(project, answer.config);
    },
    newIsolateId: () => crypto.randomUUID(),
    now,
    sleep,
  });
  const keys = new KeyCache({
    kv: env.CONFIG,
    ask: (project, id) => governorOf(project).key(project, id),
    heardAtMs: (project) => pulses.heardAtMs(project),
    now,
    sleep,
  });
  return {
    served: governedConfig(config, pulses),
    servedToStrangers: (project, keepAlive) => config.findForStranger(project, keepAlive),
    async findStrangersKey(project, presented, keepAlive) {
      const meant = await config.issuingProject(project, keepAlive);
      if (meant === undefined) return { kind: "unknown" };
      const expected = config.expected(meant)?.table;
      const pulse = expected !== undefined && needsPulse(expected) ? pulses.refresh(meant, keepAlive) : undefined;
      // Of a project that is named nobody waits for it: how long an answer takes must not tell which projects there are.
      if (project === undefined) await pulse;
      else if (pulse !== undefined) keepAlive(pulse);
      return keys.find(meant, presented);
    },
    findKey: (project, presented) => keys.find(project, presented),
    keys: (served) => keyAuthority(env, served, keys),
    governorFaults: () =>
      pulses.faults((project) => {
        const table = config.peek(project)?.table;
        return table !== undefined && needsPulse(table);
      }),
  };
}

function keyAuthority(env: Env, { table: { project, traces } }: ServedConfig, known: KeyCache): KeyAuthority {
  const governor = governorAt(env, project, traces.jurisdiction ?? null);
  return {
    get: (id) => governor.key(project, id),
    list: (limit, before) => governor.list(project, limit, before),
    async order(order, by) {
      const outcome = await governor.order(project, order, by);
      if (outcome.kind === "done") known.learn(project, outcome.key);
      return outcome;
    },
  };
}
