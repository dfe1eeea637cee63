import type { Env } from "./platform/env.ts";
import { worldOf } from "./platform/world.ts";
import { createApp } from "./web/app.ts";

export { AdminSessions } from "./platform/access/admin-sessions.ts";
export { ConfigRegistry } from "./platform/config/config-registry.ts";
export { MeterObject as Meter } from "./platform/meter/meter-object.ts";
export { Governor } from "./platform/governor/governor.ts";
export { TraceFeed } from "./platform/traces/trace-feed.ts";
export { TraceIndex } from "./platform/traces/trace-index.ts";
export { TraceStore } from "./platform/traces/trace-store.ts";

const app = createApp();

export default {
  fetch: (request, env, ctx) => app.fetch(request, worldOf(request, env, ctx), ctx),
} satisfies ExportedHandler<Env>;
