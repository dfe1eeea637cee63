import { compile } from "../../src/config/compile.ts";
import { documentVersion, writeDocument } from "../../src/config/document.ts";
import { formatProblem } from "../../src/config/file/problem.ts";
import { documentKey, pointerKey, writePointer } from "../../src/platform/config/config-keys.ts";
import type { Gateway } from "./gateway.ts";

/** The document that publishing this file makes. @throws Error with the file's problems. */
export function documentOf(toml: string): string {
  const compiled = compile(toml, { localDevelopment: true });
  if (!compiled.ok) throw new Error(compiled.error.map((problem) => formatProblem(problem, "routes.toml")).join("\n"));
  return writeDocument(toml, compiled.value.compiled);
}

/** Writes a document into KV as publishing does, past every check of the control API. Returns its version. */
export async function plant(gateway: Gateway, project: string, document: string): Promise<string> {
  const kv = await gateway.kv();
  const version = await documentVersion(document);
  await kv.put(documentKey(project, version), document);
  await kv.put(pointerKey(project), writePointer(version, Date.now()));
  return version;
}
