import type { CompiledConfig } from "../compiled.ts";
import { compileApiKeys } from "./credential.ts";
import type { Findings } from "../file/findings.ts";
import type { RoutesFile } from "../schema.ts";
import { compileHeaders } from "./sent-settings.ts";
import { type AddressRules, addressFault } from "./upstream-url.ts";

/** 32 MiB. */
const DEFAULT_MAX_BODY_BYTES = 33_554_432;
const DEFAULT_RETENTION_DAYS = 30;

type GatewaySettings = Pick<
  CompiledConfig,
  "project" | "apiKeys" | "open" | "issued" | "plan" | "corsOrigins" | "maxBodyBytes" | "maxUploadBytes" | "traces"
>;

/** What is about the gateway as a whole: `project`, `auth`, `limits`, `traces`. */
export function compileGatewaySettings(file: RoutesFile, rules: AddressRules, findings: Findings): GatewaySettings {
  const open = file.auth?.open ?? false;
  const apiKeys = compileApiKeys(file.auth?.api_keys ?? [], findings);
  if (open && apiKeys.length > 0) findings.warn(["auth", "open"], "anyone may call, so api_keys keep nobody out; remove one of the two");
  return {
    project: file.project?.id ?? "default",
    apiKeys,
    open,
    ...compileIssuing(file, findings),
    corsOrigins: compileOrigins(file.auth?.cors_origins ?? [], findings),
    maxBodyBytes: file.limits?.max_body_bytes ?? DEFAULT_MAX_BODY_BYTES,
    ...(file.limits?.max_upload_bytes === undefined ? {} : { maxUploadBytes: file.limits.max_upload_bytes }),
    traces: compileTraces(file, rules, findings),
  };
}

/** Whether keys are issued, and the plan of those that are not. */
function compileIssuing({ auth = {}, plans = {} }: RoutesFile, findings: Findings): Pick<CompiledConfig, "issued" | "plan"> {
  const { issued = false, open = false, plan, api_keys: apiKeys } = auth;
  if (issued && open) findings.wrong(["auth", "issued"], "keys mean nothing where anyone may call; remove this, or open = true");
  if (plan !== undefined && apiKeys === undefined) {
    findings.absent(["auth", "plan"], ["api_keys"], "is the plan of api_keys, of which there are none; an issued key names its own");
  } else if (plan !== undefined && !Object.hasOwn(plans, plan) && !findings.isMisshapen(["plans", plan])) {
    const meant = findings.meant(plan, Object.keys(plans));
    findings.wrong(["auth", "plan"], `there is no plan "${plan}"${meant || `; add [plans.${plan}]`}`);
  }
  return { ...(issued ? { issued } : {}), ...(plan === undefined ? {} : { plan }) };
}

function compileOrigins(texts: readonly string[], findings: Findings): readonly string[] {
  texts.forEach((text, index) => {
    const url = URL.parse(text);
    const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
    if (isWeb && url.origin === text) return;
    const right = isWeb ? url.origin : "https://app.example.com";
    findings.wrong(["auth", "cors_origins", index], `must be an origin as browsers send it: scheme, host and port only, such as ${right}`);
  });
  return [...new Set(texts)];
}

function compileTraces(file: RoutesFile, rules: AddressRules, findings: Findings): CompiledConfig["traces"] {
  const traces = file.traces ?? {};
  const endpoint = traces.otlp_endpoint;
  const fault = endpoint === undefined ? undefined : addressFault(endpoint, rules);
  if (fault !== undefined) findings.wrong(["traces", "otlp_endpoint"], fault);
  if (endpoint === undefined && traces.otlp_headers !== undefined) {
    findings.absent(
      ["traces"],
      ["otlp_endpoint"],
      "has otlp_headers but no otlp_endpoint for them to go to; add it, or remove the headers",
    );
  }
  return {
    captureContent: traces.capture_content ?? false,
    retentionDays: traces.retention_days ?? DEFAULT_RETENTION_DAYS,
    shards: traces.shards ?? 1,
    ...(traces.jurisdiction === undefined ? {} : { jurisdiction: traces.jurisdiction }),
    ...(endpoint === undefined ? {} : { otlpEndpoint: endpoint }),
    otlpHeaders: compileHeaders(["traces", "otlp_headers"], traces.otlp_headers, findings),
  };
}
