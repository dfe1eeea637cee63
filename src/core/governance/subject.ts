import type { Limit } from "./limit.ts";

/** Who or what a limit is on. `account`: a provider with the credential it is called with. */
export const SUBJECT_KINDS = ["project", "key", "user", "session", "team", "route", "function", "target", "account"] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** One that has limits, and the limits it has. */
export interface LimitedSubject {
  readonly kind: SubjectKind;
  /** `"TO11_API_KEY"`, `"openai"`; `""` for the project. */
  readonly name: string;
  /** At least one. */
  readonly limits: readonly Limit[];
  /** Grows with every change of these limits: of two that are told, the larger holds. */
  readonly revision: number;
  /** Where days, weeks and months begin: `"Europe/Berlin"`. */
  readonly timezone: string;
}

/** Who a call is made for, as far as limits are on them. `limits`: what the key brings itself; left out, those of `[limits.key]` hold. */
export interface CallerSubjects {
  /** `null`: the gateway is open, and nobody's key was used. */
  readonly key: { readonly id: string; readonly limits?: readonly Limit[]; readonly revision?: number } | null;
  readonly team: string | null;
  readonly user: string | null;
  readonly session: string | null;
}

/** What one subject is called everywhere: `"project"`, `"key/k3f9"`, `"team/research"`. */
export function subjectId({ kind, name }: Pick<LimitedSubject, "kind" | "name">): string {
  return kind === "project" ? kind : `${kind}/${name}`;
}

/** A limit as `error.param` names it. The caller's own key, and the project, go without a name. */
export function limitParam({ kind, name }: Pick<LimitedSubject, "kind" | "name">, limit: string): string {
  return kind === "project" || kind === "key" ? `${kind}/${limit}` : `${kind}/${name}/${limit}`;
}
