import { useMutation, type UseMutationResult } from "@tanstack/react-query";
import { useProject } from "../../address.ts";
import { api, read } from "../../api/client.ts";
import { queryClient, within } from "../../api/queries.ts";

/** A file to be published over the version that it was made from. */
export interface Publication {
  readonly toml: string;
  readonly over: string;
  readonly author: string;
}

/** Publishes; everything that is known of the configuration is asked for anew afterwards. */
export function usePublish(): UseMutationResult<{ version: string; distributed: boolean }, Error, Publication> {
  const project = useProject();
  return useMutation({
    mutationFn: ({ toml, over, author }: Publication) => {
      const label = headerText(author);
      const headers = { "content-type": "application/toml", "if-match": `"${over}"`, ...(label === "" ? {} : { "x-to11-author": label }) };
      return read(api.config.$put({ query: within(project) }, { init: { body: toml, headers } }));
    },
    onSuccess: () => configChanged(),
  });
}

/** Makes an earlier version serve again. */
export function useRollback(): UseMutationResult<
  { version: string; distributed: boolean },
  Error,
  { readonly version: string; readonly over: string }
> {
  const project = useProject();
  return useMutation({
    mutationFn: ({ version, over }) =>
      read(
        api.config.rollback.$post(
          { query: within(project), json: { version } },
          { headers: { "if-match": `"${over}"`, "x-to11-author": headerText(authorLabel()) } },
        ),
      ),
    onSuccess: () => configChanged(),
  });
}

async function configChanged(): Promise<void> {
  const stale = new Set(["config", "versions", "providers", "credentials", "projects", "health", "explain"]);
  await queryClient.invalidateQueries({ predicate: ({ queryKey }) => stale.has(String(queryKey[0])) });
}

const AUTHOR = "to11-author";

/** Under which label this browser published last. */
export function authorLabel(): string {
  return localStorage.getItem(AUTHOR) ?? "dashboard";
}

/** Keeps the label for the next time. */
export function rememberAuthor(label: string): void {
  localStorage.setItem(AUTHOR, label);
}

/** Headers carry Latin letters only; others are left out. */
function headerText(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e\u00a0-\u00ff]/g, "").trim();
}
