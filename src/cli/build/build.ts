import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { documentVersion, writeDocument } from "../../config/document.ts";
import { settlePrices } from "../../config/prices.ts";
import { openApiDocument } from "../../web/api/openapi.ts";
import { API_ROUTES } from "../../web/api/routes.ts";
import { DATA_ASSETS, writeAsset } from "./build-asset.ts";
import { buildDashboard } from "./build-dashboard.ts";
import { priceTable } from "./build-prices.ts";
import { DEFAULT_ROUTES, requireRoutesFile } from "../routes-file.ts";
import { readText } from "../text-file.ts";
import type { Variables } from "../variables.ts";

const DECLARATION = "export declare const document: string;\nexport declare const version: string;\n";

/**
 * Compiles the file that `TO11_ROUTES` names (routes.toml) into `bundled-config.js` in the directory that `TO11_DIST` names (dist), both
 * relative to the working directory. The Worker imports it as `#bundled-config`. Builds the dashboard, too, where its sources have changed,
 * and puts the price table and the control API's description beside it.
 * @throws {CommandFailure} with every problem of the file.
 */
export async function build(environment: Variables): Promise<void> {
  const directory = environment["TO11_DIST"] ?? "dist";
  const file = await requireRoutesFile(environment["TO11_ROUTES"] ?? DEFAULT_ROUTES, {
    localDevelopment: environment["TO11_LOCAL"] === "1",
  });
  const prices = await priceTable();
  const document = writeDocument(file.toml, file.compiled, settlePrices(file.compiled, prices));
  const version = await documentVersion(document);
  await mkdir(directory, { recursive: true });
  await writeIfChanged(
    join(directory, "bundled-config.js"),
    `export const document = ${JSON.stringify(document)};\nexport const version = ${JSON.stringify(version)};\n`,
  );
  await writeIfChanged(join(directory, "bundled-config.d.ts"), DECLARATION);
  await writeAsset(DATA_ASSETS.prices, prices);
  await writeAsset(DATA_ASSETS.openApi, openApiDocument(API_ROUTES));
  await buildDashboard();
}

/** An untouched file does not make a watching wrangler reload. */
async function writeIfChanged(path: string, text: string): Promise<void> {
  const before = await readText(path);
  if (!before.ok || before.value !== text) await writeFile(path, text);
}
