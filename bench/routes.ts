import { MODEL, SOUND_MODEL } from "./cases.ts";

/** Routes besides the benchmark's own: names and targets that no request asks for. */
function fillers(count: number): readonly string[] {
  const lines: string[] = [];
  for (let index = 0; index < count; index += 1) {
    lines.push(`[targets.filler-${index}-a]`, `model = "filler-${index}"`);
    lines.push(`[routes.filler-${index}]`, `models = ["asked-${index}"]`, `targets = ["filler-${index}-a"]`);
  }
  return lines;
}

/** The gateway's own key and the upstream's, as the benchmark's callers know them. */
export const GATEWAY_KEY = "to11_key-of-the-benchmark-0000000000000001";
export const ADMIN_KEY = "admin-key-of-the-benchmark-000000000001";

/** Routes that every configuration of the benchmark has. */
const OWN_ROUTES = 3;

/** A routes.toml of so many routes for an upstream on this port. */
export function routesToml(routes: number, upstreamPort: number): string {
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  const fillerCount = routes - OWN_ROUTES;
  const listed = Array.from({ length: fillerCount }, (_, index) => `"filler-${index}"`).join(", ");
  return [
    "[auth]",
    'api_keys = ["env::TO11_API_KEY"]',
    "[routing.retry]",
    "max_retries = 0",
    "backoff_base_ms = 0",
    "[providers.bench]",
    'type = "openai"',
    `base_url = "${upstream}/v1"`,
    `models = ["${MODEL}", "${SOUND_MODEL}", ${listed}]`,
    'credential = "env::BENCH_API_KEY"',
    "[providers.broken]",
    'type = "openai"',
    `base_url = "${upstream}/broken/v1"`,
    'models = ["broken-model"]',
    'credential = "env::BENCH_API_KEY"',
    "[targets.main]",
    `model = "${MODEL}"`,
    "[targets.refusing]",
    'model = "broken-model"',
    "[targets.sound]",
    `model = "${SOUND_MODEL}"`,
    "[routes.main]",
    `models = ["${MODEL}"]`,
    'targets = ["main"]',
    "[routes.fallback]",
    'strategy = "fallback"',
    'targets = ["refusing", "main"]',
    "[routes.sound]",
    'endpoint = "audio_transcription"',
    `models = ["${SOUND_MODEL}"]`,
    'targets = ["sound"]',
    ...fillers(fillerCount),
  ].join("\n");
}
