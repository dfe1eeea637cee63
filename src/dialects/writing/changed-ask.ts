import type { ChangedAsk } from "../../core/translation.ts";
import type { Ask } from "../conversation.ts";
import type { ToolNames } from "./tool-names.ts";

/** What answers to a request have to be changed back in, whose tools are called by these names and take JSON only; `undefined`: nothing. */
export function changedAsk({ tools }: Ask, names: ToolNames, answerTool?: string): ChangedAsk | undefined {
  const freeform = tools.filter(({ takes }) => takes === "freeform").map(({ name }) => names.upstream(name));
  if (names.changed.size === 0 && freeform.length === 0 && answerTool === undefined) return undefined;
  return { toolNames: names.changed, freeformTools: new Set(freeform), answerTool };
}
