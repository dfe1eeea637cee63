import type { Env as WorkerEnv } from "../../../src/platform/env.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {
      readonly OPENAI_API_KEY: string;
    }
    interface GlobalProps {
      mainModule: typeof import("../../../src/worker.ts");
    }
  }
}
