import { createContext, useContext } from "react";

/** A routes.toml as it will be, and what it was made from. */
export interface Draft {
  readonly toml: string;
  readonly base: { readonly version: string; readonly toml: string };
  /** Makes the same change to another file; `undefined`: it was edited as text. */
  readonly reapply: ((toml: string) => string) | undefined;
}

/** The draft that the parts of the routing page hand to each other. */
export const DraftContext = createContext<{ readonly draft: Draft | undefined; readonly setDraft: (draft: Draft | undefined) => void }>({
  draft: undefined,
  setDraft: () => undefined,
});

/** The draft, if there is one, and what sets it. */
export function useDraft(): React.ContextType<typeof DraftContext> {
  return useContext(DraftContext);
}
