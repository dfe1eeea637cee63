import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useProject } from "../../address.ts";
import { api, read } from "../../api/client.ts";
import { within } from "../../api/queries.ts";
import { Answer } from "../../widgets/states.tsx";
import { TomlDiff } from "../../widgets/toml-diff.tsx";

/** What lies between two versions. */
export function VersionDiff({ from, to }: { readonly from: string; readonly to: string }): React.JSX.Element {
  const before = useVersion(from);
  const after = useVersion(to);
  return (
    <Answer query={before} what={from.slice(0, 8)}>
      {(older) => (
        <Answer query={after} what={to.slice(0, 8)}>
          {(newer) => <TomlDiff label={`From ${from.slice(0, 8)} to ${to.slice(0, 8)}`} before={older.toml} after={newer.toml} />}
        </Answer>
      )}
    </Answer>
  );
}

/** A version never changes. */
function useVersion(version: string): UseQueryResult<{ readonly toml: string }> {
  const project = useProject();
  return useQuery({
    queryKey: ["version", project, version],
    queryFn: () => read(api.config.versions[":version"].$get({ param: { version }, query: within(project) })),
    staleTime: Infinity,
  });
}
