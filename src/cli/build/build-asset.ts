import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PROJECT_ROOT } from "../project-root.ts";
import { readText } from "../text-file.ts";

/** What the Worker reads as an asset besides the dashboard. */
export const DATA_ASSETS = { prices: "prices.json", openApi: "openapi.json" } as const;

/** Writes JSON into the directory of wrangler.toml's [assets]. An untouched file does not make a watching wrangler reload. */
export async function writeAsset(name: (typeof DATA_ASSETS)[keyof typeof DATA_ASSETS], value: unknown): Promise<void> {
  const path = join(PROJECT_ROOT, "dist/dashboard", name);
  const text = JSON.stringify(value);
  const before = await readText(path);
  if (before.ok && before.value === text) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
