import type { Feature } from "../../conversation.ts";
import type { Places } from "../../writing/places.ts";
import type { ToolNames } from "../../writing/tool-names.ts";
import type { ModelFamily } from "../../openai/model-family.ts";

/** What the pieces of a request are written by. */
export interface Writing {
  readonly family: ModelFamily;
  readonly names: ToolNames;
  readonly places: Places;
  /** What is not as it was asked for, in the caller's words. */
  readonly adapted: string[];
}

/** Tells that a feature is left out, for this model does not take it. */
export function leaveOut(feature: Feature, { places, adapted }: Writing): undefined {
  adapted.push(...places.all(feature));
}
