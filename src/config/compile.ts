import { fail, ok, type Result } from "../core/result.ts";
import { checkPriced, countsMoney } from "./settle/check-priced.ts";
import { checkPins, checkSecretRoles } from "./settle/check-secrets.ts";
import { checkShape } from "./file/check-shape.ts";
import { checkClaims } from "./settle/claims.ts";
import type { CompiledConfig } from "./compiled.ts";
import { Findings } from "./file/findings.ts";
import { checkLiteralKeys } from "./file/literal-keys.ts";
import { compileGatewaySettings } from "./settle/gateway-settings.ts";
import { compileLimits } from "./settle/limits.ts";
import { compileModels } from "./settle/models.ts";
import type { PriceTable } from "./prices.ts";
import { compilePlans } from "./settle/plans.ts";
import type { Problem } from "./file/problem.ts";
import { compileProviders } from "./settle/providers.ts";
import { readToml } from "./file/read-toml.ts";
import { compileRoutes } from "./settle/routes.ts";
import { type SecretUse, secretUses } from "./secret-uses.ts";
import { compileTargets } from "./settle/targets.ts";

/** What a file is checked against besides itself. */
export interface CompileOptions {
  /** Plain http to this machine is allowed. */
  readonly localDevelopment: boolean;
  /** The secret uses of the deployed file; where given, a secret that goes anywhere else is an error. */
  readonly pins?: readonly SecretUse[];
  /** What models cost; where given, a limit in USD over a model without a price is an error. */
  readonly prices?: PriceTable;
}

/** Locally `to11 dev` opens such a gateway itself. */
const CLOSED =
  'nobody could call this gateway: name a key, [auth] api_keys = ["env::TO11_API_KEY"], accept those of `to11 key create`, issued = true, or, where something else protects it, open = true';

/** A file without errors. */
export interface Compilation {
  readonly compiled: CompiledConfig;
  readonly warnings: readonly Problem[];
}

/** Checks a whole routes.toml and settles every default, name and reference; or tells all that is wrong with it, warnings included, in the order of the file. */
export function compile(toml: string, options: CompileOptions): Result<Compilation, readonly Problem[]> {
  const values = readToml(toml);
  if (!values.ok) return fail([values.error]);
  const findings = new Findings();
  const file = checkShape(values.value, findings);
  if (file === undefined) return fail(findings.problems(toml));
  const providers = compileProviders(file, options, findings);
  const targets = compileTargets(file, providers, findings);
  const models = file.models ?? {};
  const routes = compileRoutes({ file, targets, findings, sources: { models, providers } });
  const compiled: CompiledConfig = {
    ...compileGatewaySettings(file, options, findings),
    providers,
    models: compileModels(models, providers, findings),
    routes,
    ...compileLimits(file, findings),
    ...compilePlans(file, { routes, providers }, findings),
  };
  checkClaims(routes, file, findings);
  const uses = secretUses(compiled);
  checkSecretRoles(compiled, uses, findings);
  checkLiteralKeys(toml, values.value, findings);
  if (options.pins !== undefined) checkPins(uses, options.pins, findings);
  if (!findings.areErrors && !options.localDevelopment && isClosed(compiled)) findings.warn(["auth"], CLOSED);
  if (options.prices !== undefined && countsMoney(compiled)) checkPriced(compiled, options.prices, findings);
  const problems = findings.problems(toml);
  return findings.areErrors ? fail(problems) : ok({ compiled, warnings: problems });
}

/** Whether no call can be let in. */
export function isClosed({ open, apiKeys, issued }: CompiledConfig): boolean {
  return !open && apiKeys.length === 0 && issued !== true;
}
