import { compile, type CompileOptions } from "../../../src/config/compile.ts";
import type { CompiledConfig } from "../../../src/config/compiled.ts";

/** A file that must be right, compiled. */
export function compiled(toml: string, options: CompileOptions = { localDevelopment: false }): CompiledConfig {
  const result = compile(toml, options);
  if (!result.ok) throw new Error(JSON.stringify(result.error, null, 2));
  return result.value.compiled;
}
