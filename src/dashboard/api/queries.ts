import { keepPreviousData, QueryCache, QueryClient, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useProject } from "../address.ts";
import type { Config, Credentials, Experiment, Explained, Health, Metrics, Providers } from "./answers.ts";
import { api, read, Refusal, Unreachable } from "./client.ts";

/** How long an answer is good enough to be shown again without asking, ms. */
const FRESH_MS = 5_000;

/** How often a page that shows figures asks again, ms. */
const REFRESH_MS = 30_000;

/** What is known of the gateway. A refusal is final until something changes; a 401 anywhere leads back to the sign-in. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (error instanceof Refusal && error.status === 401 && query.queryKey[0] !== "projects") {
        void queryClient.invalidateQueries({ queryKey: ["projects"] });
      }
    },
  }),
  defaultOptions: {
    queries: { staleTime: FRESH_MS, retry: (failures, error) => failures < 1 && (!(error instanceof Refusal) || error.status >= 500) },
  },
});

/** GET /api/projects: also what tells whether one is signed in. */
export const projectsQuery = queryOptions({ queryKey: ["projects"], queryFn: () => read(api.projects.$get()), retry: false });

/** GET /api/config */
export function useConfig(): UseQueryResult<Config> {
  const project = useProject();
  return useQuery({ queryKey: ["config", project], queryFn: () => read(api.config.$get({ query: within(project) })) });
}

/** GET /api/providers */
export function useProviders(): UseQueryResult<Providers> {
  const project = useProject();
  return useQuery({ queryKey: ["providers", project], queryFn: () => read(api.providers.$get({ query: within(project) })) });
}

/** GET /api/credentials */
export function useCredentials(): UseQueryResult<Credentials> {
  const project = useProject();
  return useQuery({ queryKey: ["credentials", project], queryFn: () => read(api.credentials.$get({ query: within(project) })) });
}

/** GET /health, as an operator sees it. */
export function useHealth(): UseQueryResult<Health> {
  return useQuery({
    queryKey: ["health"],
    queryFn: async () => {
      const response = await fetch("/health").catch((): never => {
        throw new Unreachable();
      });
      return (await response.json()) as Health;
    },
    refetchInterval: REFRESH_MS,
  });
}

/** What metrics are asked for: `range` in seconds back from now. */
export interface MetricsQuestion {
  readonly rangeS: number;
  readonly stepS?: number;
  readonly by?: "route" | "target" | "provider" | "model" | "variant" | "status" | "api_key";
}

/** GET /api/metrics */
export function useMetrics({ rangeS, stepS, by }: MetricsQuestion): UseQueryResult<Metrics> {
  const project = useProject();
  return useQuery({
    queryKey: ["metrics", project, rangeS, stepS, by],
    queryFn: () => {
      const query = {
        ...within(project),
        since: new Date(Date.now() - rangeS * 1000).toISOString(),
        ...(stepS === undefined ? {} : { step: String(stepS) }),
        ...(by === undefined ? {} : { by }),
      };
      return read(api.metrics.$get({ query }));
    },
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}

/** GET /api/experiments/{route} */
export function useExperiment(route: string, rangeS: number): UseQueryResult<Experiment> {
  const project = useProject();
  return useQuery({
    queryKey: ["experiment", project, route, rangeS],
    queryFn: () => {
      const query = { ...within(project), since: new Date(Date.now() - rangeS * 1000).toISOString() };
      return read(api.experiments[":route"].$get({ param: { route }, query }));
    },
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}

/** POST /api/explain; asks nothing while `model` is empty. */
export function useExplain(model: string, path: string): UseQueryResult<Explained> {
  const project = useProject();
  return useQuery({
    queryKey: ["explain", project, model, path],
    queryFn: () => read(api.explain.$post({ query: within(project), json: { model, path } })),
    enabled: model !== "",
  });
}

/** The query parameter of a project. */
export function within(project: string | undefined): { project?: string } {
  return project === undefined ? {} : { project };
}
