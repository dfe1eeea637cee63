import type { Env } from "./platform/env.ts";
import { worldOf } from "./platform/world.ts";
import { createApp } from "./web/app.ts";

export { AdminSessions } from "./platform/admin-sessions.ts";
export { ConfigRegistry } from "./platform/config-registry.ts";
export { TraceFeed } from "./platform/trace-feed.ts";
export { TraceIndex } from "./platform/trace-index.ts";
export { TraceStore } from "./platform/trace-store.ts";

const app = createApp();

export default {
  fetch: (request, env, ctx) => app.fetch(request, worldOf(request, env, ctx), ctx),
} satisfies ExportedHandler<Env>;
