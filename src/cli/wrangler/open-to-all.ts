import { join } from "node:path";
import { parse } from "smol-toml";
import { locator } from "../../config/file/locate.ts";
import type { Problem } from "../../config/file/problem.ts";
import { credentialsOf } from "../needed-secrets.ts";
import { PROJECT_ROOT } from "../project-root.ts";
import type { RoutesFile } from "../routes-file.ts";
import { readText } from "../text-file.ts";

/** Warns of a gateway without keys at an address that nothing stands before: `open = true` with an address on workers.dev. */
export async function openToAll(file: RoutesFile, wranglerFile = join(PROJECT_ROOT, "wrangler.toml")): Promise<readonly Problem[]> {
  if (!file.compiled.open) return [];
  const wrangler = await readText(wranglerFile);
  return wrangler.ok && isOnWorkersDev(wrangler.value) ? [warning(file)] : [];
}

/** Unless it says otherwise, a Worker without routes is: https://developers.cloudflare.com/workers/wrangler/configuration/#inheritable-keys */
function isOnWorkersDev(wranglerToml: string): boolean {
  try {
    const { workers_dev: onWorkersDev, route, routes } = parse(wranglerToml);
    return typeof onWorkersDev === "boolean" ? onWorkersDev : route === undefined && routes === undefined;
  } catch {
    // Wrangler says what is wrong with its file.
    return false;
  }
}

function warning({ toml, compiled }: RoutesFile): Problem {
  const place = locator(toml)(["auth", "open"]);
  const names = credentialsOf(compiled).map(({ name }) => name);
  const spent = names.length === 0 ? "" : ` and spend what is behind ${names.join(", ")}`;
  return {
    severity: "warning",
    path: "auth.open",
    line: place?.line ?? null,
    column: place?.column ?? null,
    message: `with workers_dev = true in wrangler.toml, anyone on the internet who finds the Worker's workers.dev address may call this gateway${spent}; name a key, api_keys = ["env::TO11_API_KEY"], or set workers_dev = false and protect the address that is left`,
  };
}
