import { isObject, parseForeign } from "../core/json/foreign-json.ts";
import { wrapFreeform } from "./freeform.ts";

/** Arguments as the object that a call takes; what is none, which some models write, is carried in one as they wrote it, so that who gets it can see it. */
export function argumentsObject({ args, takes }: { readonly args: string; readonly takes?: "freeform" | undefined }): object {
  if (takes === "freeform") return wrapFreeform(args);
  if (args.trim() === "") return {};
  const value = parseForeign(args);
  return isObject(value) ? value : { _invalid: args };
}
