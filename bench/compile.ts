import { compile } from "../src/config/compile.ts";
import { load } from "../src/config/load.ts";
import { resolve } from "../src/core/routing/resolve.ts";
import { ENDPOINTS } from "../src/endpoints/index.ts";
import type { RoutingTable } from "../src/core/routing/routing-table.ts";

/** How long a large configuration takes to compile and to link, and whether a name is found as fast in it as in a small one. */

/** What a large configuration may take to compile, in milliseconds. */
const COMPILE_LIMIT_MS = 150;
const ROUNDS = 15;
const LOOKUPS = 1_000_000;

interface Size {
  readonly name: string;
  readonly routes: number;
  readonly providers: number;
  readonly models: number;
}

const SIZES: readonly Size[] = [
  { name: "small", routes: 10, providers: 2, models: 10 },
  { name: "large", routes: 1_000, providers: 200, models: 5_000 },
];

/** A file of that size: every provider lists its share of the models, routes take turns at the strategies. */
function fileOf({ routes, providers, models }: Size): string {
  const lines = ["[auth]", 'api_keys = ["env::TO11_API_KEY"]'];
  const share = models / providers;
  for (let provider = 0; provider < providers; provider += 1) {
    const listed = Array.from({ length: share }, (_, index) => `"model-${provider * share + index}"`);
    lines.push(`[providers.p${provider}]`, `base_url = "https://p${provider}.example/v1"`, `models = [${listed.join(", ")}]`);
  }
  for (let route = 0; route < routes; route += 1) {
    const [first, second] = [route % models, (route + 1) % models];
    lines.push(
      `[targets.t${route}-a]`,
      `model = "model-${first}"`,
      "weight = 70",
      `[targets.t${route}-b]`,
      `model = "model-${second}"`,
      "weight = 30",
    );
    lines.push(`[routes.r${route}]`, `models = ["asked-${route}"]`, `strategy = "${route % 2 === 0 ? "weighted" : "fallback"}"`);
    lines.push(`targets = ["t${route}-a", "t${route}-b"]`);
  }
  return `${lines.join("\n")}\n`;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

function timed<T>(work: () => T): readonly [T, number] {
  const start = performance.now();
  const value = work();
  return [value, performance.now() - start];
}

function compiledTable(toml: string): {
  readonly table: RoutingTable;
  readonly compileMs: readonly number[];
  readonly loadMs: readonly number[];
} {
  const compileMs: number[] = [];
  const loadMs: number[] = [];
  for (let round = 0; ; round += 1) {
    const [result, ms] = timed(() => compile(toml, { localDevelopment: false }));
    if (!result.ok) throw new Error(JSON.stringify(result.error.slice(0, 3)));
    const [table, linkMs] = timed(() => load(result.value.compiled, "0".repeat(64)));
    compileMs.push(ms);
    loadMs.push(linkMs);
    if (round === ROUNDS - 1) return { table, compileMs, loadMs };
  }
}

/** Nanoseconds to resolve one name, the median of rounds that go over all kinds of names. */
function resolveNs(table: RoutingTable, { routes, models }: Size): number {
  const endpoint = ENDPOINTS.get("/v1/chat/completions");
  if (endpoint === undefined) throw new Error("no chat endpoint");
  const names = Array.from({ length: 8 }, (_, index) => [
    `asked-${(index * 37) % routes}`,
    `route::r${(index * 53) % routes}`,
    `model-${(index * 41) % models}`,
    `p0::model-${index}`,
  ]).flat();
  const rounds = Array.from({ length: ROUNDS }, () => {
    const [, ms] = timed(() => {
      for (let lookup = 0; lookup < LOOKUPS / ROUNDS; lookup += 1) {
        if (!resolve(table, names[lookup % names.length] ?? "", endpoint).ok) throw new Error("a name leads nowhere");
      }
    });
    return (ms * 1e6) / (LOOKUPS / ROUNDS);
  });
  return median(rounds);
}

console.log("configuration  routes  providers  models  file KiB  compile ms (first, median)  link ms  resolve ns");
for (const size of SIZES) {
  const toml = fileOf(size);
  const { table, compileMs, loadMs } = compiledTable(toml);
  const cells = [
    size.name.padEnd(13),
    String(size.routes).padStart(6),
    String(size.providers).padStart(9),
    String(size.models).padStart(6),
    (toml.length / 1024).toFixed(0).padStart(8),
    `${(compileMs[0] ?? 0).toFixed(1)}, ${median(compileMs).toFixed(1)}`.padStart(26),
    median(loadMs).toFixed(1).padStart(7),
    resolveNs(table, size).toFixed(0).padStart(10),
  ];
  console.log(cells.join("  "));
  if (size.name === "large")
    console.log(`limit for compiling the large one: ${COMPILE_LIMIT_MS} ms: ${median(compileMs) < COMPILE_LIMIT_MS ? "kept" : "MISSED"}`);
}
