import type { Hono } from "hono";
import type * as z from "zod/mini";
import type { WholeTrace } from "../../core/trace/trace-content.ts";
import type { TraceRecord } from "../../core/trace/trace-record.ts";
import type { Shape } from "./call.ts";
import type * as contract from "./contract.ts";
import type * as requests from "./requests.ts";
import type { API_ROUTES } from "./routes.ts";

/**
 * The control API as a type for Hono's client, `hc<ControlApi>("/")`: computed from the table of its calls, so a changed path, parameter or shape does not
 * compile where it is called.
 */
export type ControlApi = Hono<object, ControlSchema>;

type ApiRoutes = (typeof API_ROUTES)[number];

type ControlSchema = {
  [Path in ApiRoutes["path"] as `/api${HonoPath<Path>}`]: {
    [Call in Extract<ApiRoutes, { readonly path: Path }> as `$${Lowercase<Call["method"]>}`]: {
      input: QueryOf<Call> & ParameterOf<Path> & BodyOf<Call>;
      output: AnswerOf<Call>;
      outputFormat: "json";
      status: 200;
    };
  };
};

/** `/keys/{id}/rotate` is `/keys/:id/rotate`. */
type HonoPath<Path extends string> = Path extends `${infer Before}/{${infer Name}}${infer After}` ? `${Before}/:${Name}${After}` : Path;

type ParameterOf<Path extends string> = Path extends `${string}/{${infer Name}}${string}` ? { param: Record<Name, string> } : object;

type QueryOf<Call extends ApiRoutes> = Call["parameters"][number] extends never
  ? object
  : { query?: Partial<Record<Call["parameters"][number], string>> };

/** A TOML body is given as the request's own `body`: Hono's client knows JSON and forms only. */
type BodyOf<Call extends ApiRoutes> = Call extends { readonly body: infer Name extends keyof typeof requests }
  ? { json: z.input<(typeof requests)[Name]> }
  : object;

type AnswerOf<Call extends ApiRoutes> = Call extends { readonly answers: infer Name extends Shape } ? Answer<Name> : null;

/** A trace is passed on as it was stored. */
type Answer<Name extends Shape> = Name extends "wholeTraceSchema"
  ? WholeTrace
  : Name extends "tracesSchema"
    ? Omit<z.output<(typeof contract)[Name]>, "traces"> & { traces: TraceRecord[] }
    : z.output<(typeof contract)[Name]>;
