import type { World } from "../web/world.ts";
import type { Env } from "./env.ts";
import { isolateOf } from "./isolate.ts";
import { workerPorts } from "./ports.ts";

/** The HTTP side's view of this Worker, for one request. */
export function worldOf(request: Request, env: Env, ctx: ExecutionContext): World {
  const isolate = isolateOf(env);
  const keepAlive = (work: Promise<unknown>): void => ctx.waitUntil(work);
  return {
    control: isolate.control,
    ports: workerPorts(isolate, keepAlive),
    keepAlive,
    gatewayKeys: isolate.gatewayKeys,
    page: async (asked) => env.ASSETS?.fetch(asked),
    colo: isolate.colo(request),
  };
}
