import type { Notes } from "../../writing/notes.ts";
import type { ToolNames } from "../../writing/tool-names.ts";
import type { ModelFamily } from "../../openai/model-family.ts";

/** What the pieces of a request are written by. */
export interface Writing {
  readonly family: ModelFamily;
  readonly names: ToolNames;
  readonly notes: Notes;
}
