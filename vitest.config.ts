import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        // Pure code, in Node.
        test: { name: "unit", include: ["test/unit/**/*.test.ts", "test/contract/**/*.test.ts"] },
      },
      {
        // Durable Objects and KV from the inside, in workerd.
        plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } })],
        test: { name: "objects", include: ["test/worker/objects/**/*.test.ts"] },
      },
      {
        // The whole Worker as built, in workerd, called from Node with a scripted upstream on loopback.
        test: { name: "worker", include: ["test/worker/*.test.ts"], testTimeout: 20_000, hookTimeout: 30_000 },
      },
      {
        // `to11 dev` as users run it, with real clients.
        test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
      },
    ],
  },
});
