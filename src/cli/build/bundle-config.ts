import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { documentVersion, writeDocument } from "../../config/document.ts";
import { settlePrices } from "../../config/prices.ts";
import { openApiDocument } from "../../web/api/openapi.ts";
import { API_ROUTES } from "../../web/api/routes.ts";
import type { RoutesFile } from "../routes-file.ts";
import { readText } from "../text-file.ts";
import { DATA_ASSETS, writeAsset } from "./build-asset.ts";
import { priceTable } from "./build-prices.ts";
import { BUNDLED_DECLARATION, type BundledModule, bundledModule } from "./bundled-module.ts";

/** Writes what the Worker imports as `#bundled-config` into a directory, and what it reads as assets besides the dashboard. */
export async function bundleConfig(file: RoutesFile, directory: string, builtAtMs: BundledModule["builtAtMs"]): Promise<void> {
  const prices = await priceTable();
  const document = writeDocument(file.toml, file.compiled, settlePrices(file.compiled, prices));
  const version = await documentVersion(document);
  await mkdir(directory, { recursive: true });
  await writeIfChanged(join(directory, "bundled-config.js"), bundledModule({ document, version, builtAtMs }));
  await writeIfChanged(join(directory, "bundled-config.d.ts"), BUNDLED_DECLARATION);
  await writeAsset(DATA_ASSETS.prices, prices);
  await writeAsset(DATA_ASSETS.openApi, openApiDocument(API_ROUTES));
}

/** An untouched file does not make a watching wrangler reload. At no moment is there half of one. */
async function writeIfChanged(path: string, text: string): Promise<void> {
  const before = await readText(path);
  if (before.ok && before.value === text) return;
  await writeFile(`${path}-${process.pid}`, text);
  await rename(`${path}-${process.pid}`, path);
}
