import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useProject } from "../../address.ts";
import type { Problem } from "../../api/answers.ts";
import { api, read } from "../../api/client.ts";
import { within } from "../../api/queries.ts";

/** What the compiler says to a file, asked of the gateway that would serve it. */
export function useCheck(toml: string): UseQueryResult<{ readonly ok: boolean; readonly problems: readonly Problem[] }> {
  const project = useProject();
  return useQuery({
    queryKey: ["check", project, toml],
    queryFn: () =>
      read(api.config.check.$post({ query: within(project) }, { init: { body: toml, headers: { "content-type": "application/toml" } } })),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
}
