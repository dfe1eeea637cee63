import { compile } from "../../src/config/compile.ts";
import { load } from "../../src/config/load.ts";
import { formatProblem } from "../../src/config/file/problem.ts";
import type { RoutingTable } from "../../src/core/routing/routing-table.ts";

/** The routing table of a routes.toml that is expected to be right. */
export function tableOf(toml: string): RoutingTable {
  const compiled = compile(toml, { localDevelopment: true });
  if (!compiled.ok) throw new Error(compiled.error.map((problem) => formatProblem(problem, "routes.toml")).join("\n"));
  return load(compiled.value.compiled, "0".repeat(64));
}
