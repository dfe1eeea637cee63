import { type Fault, parseFault } from "./fault.ts";
import type { Answer } from "./step.ts";

/** A call to `{url}/-…`; `path` is what follows `/-`. */
export interface ControlCall {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** As routes.toml names providers. */
const PROVIDER_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/**
 * Answers the control calls: `GET /-/faults` shows, `PUT /-/faults/{provider}` sets, `DELETE /-/faults/{provider}` clears. Each answers with
 * all faults that now stand, `{"faults": {"openai": {"status": 503}}}`; a refusal with OpenAI's error shape.
 */
export function controlAnswer(call: ControlCall, faults: Map<string, Fault>): Answer {
  const [, folder, provider, ...rest] = call.path.split("/");
  if (folder !== "faults" || rest.length > 0)
    return refusal(404, `there is nothing at /-${call.path}; faults are at /-/faults and /-/faults/{provider}`);
  if (provider === undefined) return call.method === "GET" ? shown(faults) : wrongMethod("/-/faults", "GET", call.method);
  if (!PROVIDER_ID.test(provider)) {
    return refusal(
      400,
      `${JSON.stringify(provider)} is no provider id; one looks like "openai": lower-case letters, digits, ".", "_" and "-"`,
    );
  }
  if (call.method === "DELETE") faults.delete(provider);
  else if (call.method === "PUT") {
    const parsed = parseFault(call.body);
    if (!parsed.ok) return refusal(400, parsed.problem);
    faults.set(provider, parsed.fault);
  } else return wrongMethod(`/-/faults/${provider}`, "PUT or DELETE", call.method);
  return shown(faults);
}

function shown(faults: ReadonlyMap<string, Fault>): Answer {
  return json(200, { faults: Object.fromEntries(faults) });
}

function wrongMethod(path: string, right: string, given: string): Answer {
  return refusal(405, `${path} takes ${right}, not ${given}`);
}

function refusal(status: number, message: string): Answer {
  return json(status, { error: { message, type: "invalid_request_error", param: null, code: null } });
}

function json(status: number, value: unknown): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
