import type { Findings } from "../file/findings.ts";
import type { KeyPath } from "../file/key-path.ts";
import { isGatewaysOwn, isReserved, secretName } from "./secret-name.ts";

const LITERAL = "must be env::NAME, the variable that holds the key; a literal key is refused (and not repeated here)";

/** The secret that `credential` names: `"env::OPENAI_API_KEY"` is `OPENAI_API_KEY`. `undefined`, with a finding, where it names none. */
export function compileCredential(path: KeyPath, text: string, findings: Findings): string | undefined {
  const name = secretName(text);
  if (name === undefined) findings.wrong(path, LITERAL);
  else if (isGatewaysOwn(name)) {
    findings.wrong(path, "names a secret of the gateway itself (TO11_…), which is sent to no provider; use another variable");
    return undefined;
  }
  return name;
}

/** The secrets that hold the keys callers use, from `auth.api_keys`. */
export function compileApiKeys(texts: readonly string[], findings: Findings): readonly string[] {
  const names = new Set<string>();
  texts.forEach((text, index) => {
    const path = ["auth", "api_keys", index];
    const name = secretName(text);
    if (name === undefined) findings.wrong(path, LITERAL);
    else if (isReserved(name))
      findings.wrong(path, `${name} has another use; make a key for callers with \`to11 key new\`, such as env::TO11_API_KEY`);
    else if (names.has(name)) findings.wrong(path, `env::${name} stands here twice`);
    else names.add(name);
  });
  return [...names];
}
