import { bearsGatewayKey } from "../../core/secrets/gateway-key.ts";
import type { CompiledHeader } from "../compiled.ts";
import type { Findings } from "../file/findings.ts";
import type { KeyPath } from "../file/key-path.ts";
import { headerFault } from "./header-name.ts";
import { isGatewaysOwn, secretName } from "./secret-name.ts";

/** What `Headers` takes as a value: Latin-1 without line breaks and control characters, tab excepted. */
const HEADER_VALUE = /^[\t\x20-\x7e\u0080-\u00ff]*$/;

/** Names under which a literal is taken for a key: whole words of the name, however they are joined. */
const CREDENTIAL_WORDS =
  /(^|[-_.])(authorization|auth|api-?key|apikey|key|token|secret|password|credentials?|cookie|sig|signature)($|[-_.])/i;

/** Values that are keys by their look, under whatever name. */
const CREDENTIAL_LOOK = /^(bearer|basic)\s|^(sk|gsk|xai|pplx|nvapi|hf|key|r8)[-_][A-Za-z0-9_-]{16,}/i;

/** `headers` and `otlp_headers`: names lower-cased, values literal or a secret. */
export function compileHeaders(
  path: KeyPath,
  settings: Readonly<Record<string, string>> | undefined,
  findings: Findings,
): CompiledHeader[] {
  const seen = new Set<string>();
  return Object.entries(settings ?? {}).flatMap(([name, text]) => {
    const lower = name.toLowerCase();
    const at = [...path, name];
    const fault = headerFault(lower);
    if (fault !== undefined) return complain(findings, at, fault);
    if (seen.has(lower)) return complain(findings, at, "is set twice: header names do not tell upper from lower case");
    seen.add(lower);
    if (!HEADER_VALUE.test(text)) {
      return complain(
        findings,
        at,
        "holds a line break, a control character or one that a header cannot carry; write plain text on one line",
      );
    }
    return compileSetting({ at, name: lower, text }, findings);
  });
}

/** `query`: names as they are, values literal or a secret. */
export function compileQuery(path: KeyPath, settings: Readonly<Record<string, string>> | undefined, findings: Findings): CompiledHeader[] {
  return Object.entries(settings ?? {}).flatMap(([name, text]) => {
    const at = [...path, name];
    if (name === "") return complain(findings, at, "has no name");
    if (/\p{Cc}/u.test(name + text))
      return complain(findings, at, "holds a line break or a control character; write plain text on one line");
    return compileSetting({ at, name, text }, findings);
  });
}

interface Setting {
  readonly at: KeyPath;
  readonly name: string;
  readonly text: string;
}

function compileSetting({ at, name, text }: Setting, findings: Findings): CompiledHeader[] {
  const secret = secretName(text);
  if (secret !== undefined) {
    if (isGatewaysOwn(secret))
      return complain(findings, at, "names a secret of the gateway itself (TO11_…), which is sent to nobody; use another variable");
    return [[name, { secret }]];
  }
  if (text.includes("env::")) {
    return complain(
      findings,
      at,
      "must be env::NAME and nothing else; let the variable hold the whole value, a prefix such as Bearer included",
    );
  }
  if (CREDENTIAL_WORDS.test(name.replaceAll(/([a-z])([A-Z])/g, "$1-$2")) || CREDENTIAL_LOOK.test(text) || bearsGatewayKey(text)) {
    return complain(findings, at, "holds a literal key; write env::NAME and set that variable (the value is not repeated here)");
  }
  return [[name, text]];
}

function complain(findings: Findings, at: KeyPath, message: string): [] {
  findings.wrong(at, message);
  return [];
}
