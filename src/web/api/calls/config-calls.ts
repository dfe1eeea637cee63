import { GatewayError } from "../../../core/gateway-error.ts";
import { answer, type ApiCall, unknownProject } from "../call.ts";
import { rollbackRequestSchema } from "../requests.ts";
import type { PublishResult, VersionFault } from "../services.ts";
import { deployedVersion, isoTime } from "../serving.ts";

/** Lines of history at most. */
const MAX_VERSIONS = 200;

/** Characters of the storage's own words at most. */
const REASON_LENGTH = 200;

/** Characters of an author's label at most. */
const AUTHOR_LENGTH = 100;

/** GET /api/config */
export async function currentConfig(call: ApiCall): Promise<Response> {
  const project = await call.projectId();
  const current = await call.control.authority(project).current();
  if (current === null) throw unknownProject(project);
  const { version, source, publishedAtMs, author, toml, warnings } = current;
  const serving = { project, version, source, published_at: isoTime(publishedAtMs), author };
  const body = { ...serving, deployed_version: deployedVersion(project, call.control), toml, warnings: [...warnings] };
  return answer("configSchema", body, { etag: `"${version}"` });
}

/** PUT /api/config */
export async function publishConfig(call: ApiCall): Promise<Response> {
  const project = await call.projectId();
  const ifMatch = matchOf(call);
  if (ifMatch === undefined) {
    const message =
      'Send If-Match with the version that your change was made from (GET /api/config tells it), "none" for a new project, or *.';
    throw new GatewayError("invalid_request", message, { param: "if-match" });
  }
  const change = { toml: await call.toml(), ifMatch, author: authorOf(call) };
  return published(call, project, await answered(call.control.authority(project).publish(change)));
}

/** GET /api/config/versions */
export async function listVersions(call: ApiCall): Promise<Response> {
  const project = await call.projectId();
  const authority = call.control.authority(project);
  const entries = await authority.versions(MAX_VERSIONS);
  if (entries.length === 0 && (await authority.current()) === null) throw unknownProject(project);
  const versions = entries.map(({ version, publishedAtMs, author, current }) => ({
    version,
    published_at: new Date(publishedAtMs).toISOString(),
    author,
    current,
  }));
  return answer("versionsSchema", { project, versions });
}

/** GET /api/config/versions/{version} */
export async function oneVersion(call: ApiCall): Promise<Response> {
  const project = await call.projectId();
  if (!/^[0-9a-f]{8,64}$/.test(call.id))
    throw new GatewayError("invalid_request", "A version is 8 to 64 hex digits.", { param: "version" });
  const found = await call.control.authority(project).version(call.id);
  if ("kind" in found) throw versionRefusal(found, call.id);
  const { version, publishedAtMs, author, toml } = found;
  return answer("versionSchema", { project, version, published_at: isoTime(publishedAtMs), author, toml });
}

/** POST /api/config/check */
export async function checkConfig(call: ApiCall): Promise<Response> {
  const problems = await call.control.authority(await call.projectId()).check(await call.toml());
  return answer("checkedSchema", { ok: problems.every(({ severity }) => severity === "warning"), problems: [...problems] });
}

/** POST /api/config/rollback; without If-Match it goes over whatever serves. */
export async function rollbackConfig(call: ApiCall): Promise<Response> {
  const project = await call.projectId();
  const { version } = await call.json(rollbackRequestSchema, '{"version": "1a2b3c4d"}');
  const change = { version, ifMatch: matchOf(call) ?? "*", author: authorOf(call) };
  return published(call, project, await answered(call.control.authority(project).rollback(change)), version);
}

/** What the authority says of a change. Where it fails in the middle, nobody can say here whether the change was stored. */
async function answered(changing: Promise<PublishResult>): Promise<PublishResult> {
  return changing.catch((error: unknown): never => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GatewayError(
      "storage_failed",
      `The project's registry failed before it had answered: ${reason.slice(0, REASON_LENGTH)}. Whether anything was published, GET /api/config tells.`,
    );
  });
}

function published(call: ApiCall, project: string, result: PublishResult, asked = ""): Response {
  switch (result.kind) {
    case "published": {
      call.control.expire(project);
      const { version, publishedAtMs, distributed, warnings } = result;
      const body = { project, version, published_at: new Date(publishedAtMs).toISOString(), distributed, warnings: [...warnings] };
      return answer("publishedSchema", body, { etag: `"${version}"` });
    }
    case "refused": {
      const wrong = result.problems.filter(({ severity }) => severity === "error").length;
      throw new GatewayError(
        "invalid_config",
        `Not published: ${wrong === 1 ? "there is a problem" : `there are ${wrong} problems`} with the file.`,
        {
          problems: result.problems,
        },
      );
    }
    case "conflict": {
      const now = result.current === null ? "the project has no configuration yet" : `version ${result.current} serves now`;
      throw new GatewayError("version_conflict", `Not published: somebody was first, ${now}.`, {
        param: "if-match",
        ...(result.current === null ? {} : { headers: { etag: `"${result.current}"` } }),
      });
    }
    case "not_stored":
      throw new GatewayError(
        "storage_failed",
        `Not published: it could not be stored (${result.reason.slice(0, REASON_LENGTH)}). What served before serves on.`,
      );
    case "unknown_version":
    case "ambiguous_version":
      throw versionRefusal(result, asked);
  }
}

function versionRefusal({ kind }: VersionFault, asked: string): GatewayError {
  if (kind === "unknown_version") return new GatewayError("not_found", `This project has no version ${asked}.`, { param: "version" });
  return new GatewayError("invalid_request", `Several versions begin with ${asked}; give more digits.`, { param: "version" });
}

/** The version in If-Match, with or without its quotes. */
function matchOf(call: ApiCall): string | undefined {
  const header = call.request.headers.get("if-match")?.trim();
  if (header === undefined || header === "") return undefined;
  const match = /^"?([0-9a-f]{64}|none|\*)"?$/.exec(header)?.[1];
  if (match !== undefined) return match;
  throw new GatewayError("invalid_request", 'If-Match must be one version of 64 hex digits, "none" or *.', { param: "if-match" });
}

function authorOf(call: ApiCall): string | null {
  const author = call.request.headers.get("x-to11-author")?.trim().slice(0, AUTHOR_LENGTH) ?? "";
  return author === "" ? null : author;
}
