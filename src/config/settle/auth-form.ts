import type { AuthForm, ProviderType } from "../../core/routing/provider-type.ts";
import type { Findings } from "../file/findings.ts";
import type { ProviderTable } from "../schema.ts";
import { keyHeaderFault, keyParameterFault } from "./header-name.ts";

/** The form that `auth_type` and `auth_header_name` ask for; `undefined`: the type's own, path by path. */
export function compileAuthForm(id: string, table: ProviderTable, type: ProviderType, findings: Findings): AuthForm | undefined {
  const name = table.auth_header_name;
  const own = commonForm(type);
  const isQuery = table.auth_type === "query_param" || (table.auth_type === undefined && own?.place === "query");
  const fault = name === undefined ? undefined : isQuery ? keyParameterFault(name) : keyHeaderFault(name.toLowerCase());
  if (fault !== undefined) findings.wrong(["providers", id, "auth_header_name"], fault);
  switch (table.auth_type) {
    case undefined: {
      if (name === undefined) return undefined;
      if (own !== undefined && own.place !== "none") return { ...own, name: own.place === "header" ? name.toLowerCase() : name };
      findings.wrong(["providers", id, "auth_header_name"], `needs an auth_type beside it: "bearer", "api_key_header" or "query_param"`);
      return undefined;
    }
    case "bearer":
      return { place: "header", name: name?.toLowerCase() ?? "authorization", prefix: "Bearer " };
    case "api_key_header": {
      const standard = own?.place === "header" && own.prefix === "" ? own.name : "x-api-key";
      return { place: "header", name: name?.toLowerCase() ?? standard, prefix: "" };
    }
    case "query_param":
      return { place: "query", name: name ?? (own?.place === "query" ? own.name : "key") };
    case "none":
      if (name !== undefined)
        findings.wrong(["providers", id, "auth_header_name"], 'has no use with auth_type = "none"; remove one of the two');
      return { place: "none" };
  }
}

/** The type's form, where it is the same on all its paths. */
function commonForm(type: ProviderType): AuthForm | undefined {
  const [first, ...others] = type.speaks.map((path) => type.auth(path));
  return first !== undefined && others.every((form) => isSameForm(form, first)) ? first : undefined;
}

function isSameForm(left: AuthForm, right: AuthForm): boolean {
  if (left.place === "none" || right.place === "none") return left.place === right.place;
  return left.name === right.name && prefixOf(left) === prefixOf(right) && left.place === right.place;
}

function prefixOf(form: AuthForm): string {
  return form.place === "header" ? form.prefix : "";
}
