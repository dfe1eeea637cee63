/** A header's value apart from its parameters: `form-data; name="model"` is `form-data` with `[["name", "model"]]`. */
export interface ParameterizedValue {
  readonly value: string;
  /** Names in lower case, in their order, repeated ones too; quotes are taken off, escapes inside stay as they are. */
  readonly parameters: readonly (readonly [string, string])[];
}

// Matched where the reader stands.
const VALUE = /[ \t]*([^\s;,"]+)/y;
const PARAMETER = /[ \t]*;[ \t]*([^\s=;,"]+)=(?:"((?:[^"\\]|\\.)*)"|([^;"]*))/y;
const END = /[ \t]*;?[ \t]*$/y;

/** Reads RFC 9110, section 5.6.6, from one end to the other; `undefined` where some of it is neither the value nor a parameter. */
export function readParameters(header: string): ParameterizedValue | undefined {
  const value = matchAt(VALUE, header, 0);
  if (value === null) return undefined;
  const parameters: [string, string][] = [];
  let at = VALUE.lastIndex;
  for (let found = matchAt(PARAMETER, header, at); found !== null; found = matchAt(PARAMETER, header, at)) {
    const [, name = "", quoted, bare = ""] = found;
    parameters.push([name.toLowerCase(), quoted ?? bare.trim()]);
    at = PARAMETER.lastIndex;
  }
  return matchAt(END, header, at) === null ? undefined : { value: value[1] ?? "", parameters };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
