import { builtAtMs, document, version } from "#bundled-config";
import type { CompiledConfig } from "../../config/compiled.ts";
import { openDocument } from "../../config/document.ts";
import type { SettledPrices } from "../../config/prices.ts";
import { type SecretUse, secretUses } from "../../config/secret-uses.ts";

/** The configuration that this Worker was deployed with: it serves where nothing was published, and says where secrets may go. */
export interface BundledConfig {
  readonly version: string;
  /** The document as it would stand in KV. */
  readonly text: string;
  /** When this deploy was built, ms since the epoch; `null`: by `to11 dev`, which publishes by itself. */
  readonly builtAtMs: number | null;
  readonly toml: string;
  readonly compiled: CompiledConfig;
  readonly prices: SettledPrices;
  /** The only places that any configuration may send secrets to. */
  readonly uses: readonly SecretUse[];
}

let opened: BundledConfig | undefined;

/**
 * The bundled configuration, opened once per isolate. `localDevelopment`: as in `compile`.
 * @throws {Error} where the build made a document that this code cannot read.
 */
export function bundledConfig(options: { readonly localDevelopment: boolean }): BundledConfig {
  if (opened !== undefined) return opened;
  const result = openDocument(document, options);
  if (!result.ok) throw new Error(`the bundled configuration cannot be read: ${result.error.map((problem) => problem.message).join("; ")}`);
  const { toml, compiled, prices } = result.value;
  opened = { version, text: document, builtAtMs, toml, compiled, prices, uses: secretUses(compiled) };
  return opened;
}
