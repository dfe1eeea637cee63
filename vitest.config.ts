import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Most of them wait for timeouts, processes and pages: three at once fill two cores.
    maxWorkers: 3,
    projects: [
      {
        // Pure code, in Node.
        // Some try thousands of texts: on a busy machine that takes its time.
        test: { name: "unit", include: ["test/unit/**/*.test.ts", "test/contract/**/*.test.ts"], testTimeout: 30_000 },
      },
      {
        // Durable Objects and KV from the inside, in workerd.
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            // Stated here, so that a developer's .dev.vars do not count.
            miniflare: {
              bindings: { TO11_ADMIN_KEY: "an-admin-key-of-at-least-32-characters", OPENAI_API_KEY: "sk-openai-planted" },
              // In the place of the deploy's: what a model costs does not depend on what was built last.
              assets: { directory: fileURLToPath(new URL("./test/fixtures/assets", import.meta.url)), binding: "ASSETS" },
            },
          }),
        ],
        resolve: { alias: { "#bundled-config": fileURLToPath(new URL("./test/worker/objects/bundled-config.ts", import.meta.url)) } },
        test: { name: "objects", include: ["test/worker/objects/**/*.test.ts"], testTimeout: 30_000 },
      },
      {
        // The whole Worker as built, in workerd, called from Node with a scripted upstream on loopback.
        test: {
          name: "worker",
          include: ["test/worker/*.test.ts"],
          globalSetup: ["test/support/build-worker.ts"],
          // Some make hundreds of requests: on a busy machine that takes its time.
          testTimeout: 60_000,
          hookTimeout: 30_000,
        },
      },
      {
        // `to11 dev` as users run it, with real clients.
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/build-dashboard.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
