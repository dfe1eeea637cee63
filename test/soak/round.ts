import { Inspector } from "../../bench/inspector.ts";
import { startSimulator } from "../../src/simulator/index.ts";
import { FaultyUpstream } from "../support/faulty-upstream.ts";
import { startGateway } from "../support/gateway.ts";
import { tracesByUser } from "../support/lawful-call.ts";
import { lawfulToml, PROVIDERS } from "../support/lawful-routes.ts";
import { freePort, type Memory, quietMemoryOf } from "../support/memory.ts";
import { Chance } from "./chance.ts";
import { drive, type Driven } from "./drive.ts";
import { slowDown } from "./slow-machine.ts";
import { type Tally, tallyOf } from "./tally.ts";

/** Memory is compared with what it was after so many requests. */
const WARM_REQUESTS = 2_000;
/**
 * How much more may be alive at the end. What the process takes is shown, and not held to it: V8 collects late where memory is plenty, and a Worker of five
 * lines that fetches and answers grows from 210 to 380 MiB before it stays there.
 */
const MOST_GROWTH = 1.3;
const LONGEST_MS = 15 * 60_000;
/** After so long a request is taken to hang, ms: the slowest route has eight targets and gives up within five seconds of a machine's full attention. */
const HUNG_MS = { as_it_is: 15_000, slow: 60_000 };

/** Until the first content, and between contents, ms. */
const TIMEOUT_MS = 400;
const IDLE_TIMEOUT_MS = 300;

/** One round of a soak. */
export interface RoundOrder {
  readonly seed: number;
  readonly requests: number;
  readonly concurrency: number;
  /** `slow`: the machine stands still now and then. */
  readonly machine: "as_it_is" | "slow";
}

/** What came of it. */
export interface Round {
  readonly order: RoundOrder;
  readonly seconds: number;
  readonly requests: number;
  readonly tally: Tally;
  /** After the first requests, and at the end. */
  readonly memory: readonly [Memory, Memory];
}

/** The whole Worker under many requests whose upstreams fail and whose callers leave, on loopback only. */
export async function soakRound(order: RoundOrder): Promise<Round> {
  const simulator = await startSimulator({ tokenDelayMs: 0 });
  const inspectorPort = await freePort();
  const gateway = await startGateway({
    toml: lawfulToml(simulator, { timeoutMs: TIMEOUT_MS, idleTimeoutMs: IDLE_TIMEOUT_MS }),
    inspectorPort,
  });
  // One connection for all measures: a second one beside it is never answered.
  const inspector = await Inspector.open(inspectorPort);
  const upstream = new FaultyUpstream(simulator, PROVIDERS);
  const chance = new Chance(order.seed, TIMEOUT_MS);
  const startedAt = performance.now();
  const driveMore = async (past: number, more: number): Promise<readonly Driven[]> => {
    const over = new AbortController();
    const slowness = order.machine === "slow" ? slowDown(gateway, over.signal) : undefined;
    const driven = await drive({
      gateway,
      upstream,
      requests: more,
      concurrency: order.concurrency,
      chance,
      hungMs: HUNG_MS[order.machine],
      longestMs: LONGEST_MS - (performance.now() - startedAt),
      over: (done) => tell(order, past + done),
    });
    over.abort();
    await slowness;
    return driven;
  };

  const first = await driveMore(0, Math.min(order.requests, WARM_REQUESTS));
  const before = await quietMemoryOf(inspector, gateway);
  const driven = [...first, ...(await driveMore(first.length, order.requests - first.length))];
  const after = await quietMemoryOf(inspector, gateway);
  const seconds = (performance.now() - startedAt) / 1_000;
  const users = driven.map(({ planned }) => planned.user);
  const tally = tallyOf(driven, await tracesByUser(gateway, users), upstream);
  await gateway.close();
  await simulator.close();
  return { order, seconds, requests: driven.length, tally, memory: [before, after] };
}

/** Whether every request was made and no law broken, and nothing is kept in memory. */
export function isClean(round: Round): boolean {
  const { wrong, hung, notTracedOnce } = round.tally;
  return wrong + hung + notTracedOnce === 0 && round.requests === round.order.requests && round.memory[1].liveBytes <= mostBytes(round);
}

/** How much may be alive at the end, bytes. */
export function mostBytes({ memory: [before] }: Round): number {
  return MOST_GROWTH * before.liveBytes;
}

function tell({ requests, seed }: RoundOrder, done: number): void {
  if (!process.stderr.isTTY || (done % 100 !== 0 && done < requests)) return;
  process.stderr.write(done < requests ? `\r${done} of ${requests}, seed ${seed}` : "\r\u001B[K");
}
