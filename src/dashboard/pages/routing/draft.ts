import { createContext, useContext, useReducer } from "react";
import { useProject } from "../../address.ts";

/** A routes.toml as it will be, and what it was made from. */
export interface Draft {
  readonly toml: string;
  readonly base: { readonly version: string; readonly toml: string };
  /** Makes the same change to another file; `undefined`: it was edited as text. */
  readonly reapply: ((toml: string) => string) | undefined;
}

/** A draft, and what sets or drops it. */
export interface DraftState {
  readonly draft: Draft | undefined;
  readonly setDraft: (draft: Draft | undefined) => void;
}

/** By project. Outlives the page: a look at the traces, or a session that ended, costs no work. */
const kept = new Map<string | undefined, Draft>();

/** The draft of the project that the address names. */
export function useKeptDraft(): DraftState {
  const project = useProject();
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const setDraft = (draft: Draft | undefined): void => {
    if (draft === undefined) kept.delete(project);
    else kept.set(project, draft);
    redraw();
  };
  return { draft: kept.get(project), setDraft };
}

/** What the parts of the routing page hand to each other. */
export const DraftContext = createContext<DraftState>({ draft: undefined, setDraft: () => undefined });

/** The draft, if there is one, and what sets it. */
export function useDraft(): DraftState {
  return useContext(DraftContext);
}
