import type * as z from "zod";
import type * as contract from "../../web/api/contract.ts";

type Answer<Name extends keyof typeof contract> = z.output<(typeof contract)[Name]>;

export type { TraceRecord, AttemptRecord } from "../../core/trace/trace-record.ts";
export type { Problem } from "../../config/file/problem.ts";
/** GET /api/config */
export type Config = Answer<"configSchema">;
/** GET /api/config/versions */
export type Versions = Answer<"versionsSchema">;
/** GET /api/metrics */
export type Metrics = Answer<"metricsSchema">;
/** GET /api/experiments/{route} */
export type Experiment = Answer<"experimentSchema">;
/** POST /api/explain */
export type Explained = Answer<"explainedSchema">;
/** GET /api/providers */
export type Providers = Answer<"providersSchema">;
/** GET /api/credentials */
export type Credentials = Answer<"credentialsSchema">;
/** GET /health */
export type Health = Answer<"healthSchema">;
