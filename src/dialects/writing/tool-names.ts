import type { Ask } from "../conversation.ts";
import { shortened } from "./digest.ts";

/** What names of tools an upstream takes. */
export interface NameRule {
  /** Characters. */
  readonly longest: number;
  readonly lawful: RegExp;
  /** Each character that no name may have, wherever it stands. */
  readonly unlawfulCharacters: RegExp;
}

/** How tools are called upstream. */
export interface ToolNames {
  /** What the upstream calls the caller's tool of that name. */
  upstream(name: string): string;
  /** The caller's names of those that are called otherwise, by the upstream's. */
  readonly changed: ReadonlyMap<string, string>;
}

/** Finds a lawful name for every tool of a request that has none: the same for the same request. */
export function toolNames({ tools, turns, toolChoice, allowedTools = [] }: Ask, rule: NameRule): ToolNames {
  const called = turns.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "call" ? [part.name] : [])));
  const chosen = typeof toolChoice === "object" ? [toolChoice.tool] : [];
  const names = new Set([...tools.map(({ name }) => name), ...called, ...chosen, ...allowedTools]);
  const changed = new Map<string, string>();
  const given = new Map<string, string>();
  for (const name of names) {
    if (name.length <= rule.longest && rule.lawful.test(name)) continue;
    const lawful = lawfulName(name, rule, (taken) => names.has(taken) || changed.has(taken));
    changed.set(lawful, name);
    given.set(name, lawful);
  }
  return { upstream: (name) => given.get(name) ?? name, changed };
}

/** The places of the tools that are called otherwise, as they are told. */
export function renamedPlaces({ tools }: Pick<Ask, "tools">, names: ToolNames): readonly string[] {
  return tools.flatMap(({ name }, index) => (names.upstream(name) === name ? [] : [`tools.${index}.name`]));
}

function lawfulName(name: string, { longest, lawful, unlawfulCharacters }: NameRule, isTaken: (name: string) => boolean): string {
  const spelt = name.replaceAll(unlawfulCharacters, "_");
  const begun = lawful.test(spelt) ? spelt : `_${spelt}`;
  if (begun.length <= longest && !isTaken(begun)) return begun;
  for (let salt = 0; ; salt += 1) {
    const made = shortened(begun + (salt === 0 ? name : `${salt}${name}`), longest);
    if (!isTaken(made)) return made;
  }
}
