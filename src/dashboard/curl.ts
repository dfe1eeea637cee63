import { isSeen, seenJson } from "./shown/unseen.ts";

/** A call, as it is made again in a shell. */
export interface ShellCall {
  readonly url: string;
  /** Those whose value no header can carry are left out. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The variable that holds the gateway key; left out: none is needed. */
  readonly keyVariable?: string;
  readonly body: unknown;
  readonly streams: boolean;
}

/** What the shell puts a variable's value in for. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A call as a command, to be pasted into a POSIX shell: every piece of it stands for itself, whoever chose it. */
export function curl({ url, headers, keyVariable, body, streams }: ShellCall): string {
  const carried = headers.filter(([, value]) => isSeen(value) && !/[\n\t]/.test(value));
  return [
    `curl ${streams ? "-N " : ""}${shellWord(url)}`,
    "-H 'Content-Type: application/json'",
    ...(keyVariable === undefined ? [] : [`-H ${keyHeader(keyVariable)}`]),
    ...carried.map(([name, value]) => `-H ${shellWord(`${name}: ${value}`)}`),
    `-d ${shellWord(seenJson(body))}`,
  ].join(" \\\n  ");
}

function keyHeader(variable: string): string {
  return VARIABLE.test(variable) ? `"x-to11-authorization: Bearer $${variable}"` : "'x-to11-authorization: Bearer KEY'";
}

/** A text as one word of a POSIX shell: bare where it holds nothing that the shell would look at. */
function shellWord(text: string): string {
  return /^[A-Za-z0-9/][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
