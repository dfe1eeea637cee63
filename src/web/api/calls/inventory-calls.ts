import { secretUses } from "../../../config/secret-uses.ts";
import { answer, type ApiCall } from "../call.ts";
import { isoTime } from "../serving.ts";
import { stoodInSecrets } from "../stood-in.ts";

/** GET /api/providers */
export async function listProviders(call: ApiCall): Promise<Response> {
  const { compiled } = await call.served();
  const { simulator } = call.control;
  const candidates = compiled.routes.flatMap((route) => route.steps.flatMap((step) => step.candidates));
  const providers = compiled.providers.map((provider, position) => ({
    id: provider.id,
    type: provider.type,
    base_url: provider.baseUrl,
    models: [...provider.models],
    paths: [...provider.speaks],
    passthrough: provider.passthrough,
    credential: provider.credential ?? null,
    credential_set: provider.credential !== undefined && call.control.isSecretSet(provider.credential),
    targets: [...new Set(candidates.filter((candidate) => candidate.provider === position).map(({ target }) => target))],
    simulated: simulator?.providers.has(provider.id) === true,
  }));
  return answer("providersSchema", { providers, simulator: simulator?.url ?? null });
}

/** GET /api/credentials */
export async function listCredentials(call: ApiCall): Promise<Response> {
  const { compiled } = await call.served();
  const stoodIn = stoodInSecrets(compiled, call.control.simulator);
  const credentials = [...Map.groupBy(secretUses(compiled), ({ secret }) => secret)].map(([name, uses]) => ({
    name,
    set: call.control.isSecretSet(name),
    simulated: stoodIn.has(name),
    origins: [...new Set(uses.flatMap(({ site }) => (site === null ? [] : [site.origin])))],
    used_by: [...new Set(uses.flatMap(({ usedBy }) => usedBy))],
  }));
  return answer("credentialsSchema", { credentials });
}

/** GET /api/projects */
export async function listProjects(call: ApiCall): Promise<Response> {
  const ids = await call.control.projects();
  const found = await Promise.all(ids.map((id) => call.control.served(id, call.keepAlive)));
  const projects = found.flatMap((served) => {
    if (!served.ok) return [];
    const { table, source, publishedAtMs } = served.value;
    return [{ id: table.project, version: table.version, source, published_at: isoTime(publishedAtMs) }];
  });
  return answer("projectsSchema", { projects });
}
