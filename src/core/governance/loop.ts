/** One call of a tool, as a conversation holds it. */
export interface ToolCall {
  readonly name: string;
  /** Its arguments as they stand there. */
  readonly arguments: string;
}

/** The call that a conversation ends with as often as `times` or more, one after another, and how often; `undefined`: it does not. */
export function loopIn(calls: readonly ToolCall[], times: number): { readonly name: string; readonly times: number } | undefined {
  const last = calls.at(-1);
  if (last === undefined) return undefined;
  const other = calls.findLastIndex((call) => call.name !== last.name || call.arguments !== last.arguments);
  const same = calls.length - 1 - other;
  return same >= times ? { name: last.name, times: same } : undefined;
}
