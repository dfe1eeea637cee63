import type { Limit } from "./limit.ts";
import type { LimitedSubject } from "./subject.ts";

/** What a project's configuration limits of callers. */
export interface TableLimits {
  readonly timezone: string;
  readonly onUnavailable: "allow" | "refuse";
  readonly reserve: "expected" | "most";
  /** When it was published, ms since the epoch; 0: never. Of two the larger holds. */
  readonly revision: number;
  readonly project: readonly Limit[] | undefined;
  /** Of each key, user, session, team; `undefined`: none. */
  readonly key: readonly Limit[] | undefined;
  readonly user: readonly Limit[] | undefined;
  readonly session: readonly Limit[] | undefined;
  readonly team: readonly Limit[] | undefined;
  /** Of single teams, in the place of `team`. */
  readonly teams: ReadonlyMap<string, readonly Limit[]>;
  /** How often a conversation may end with the same tool call; `undefined`: as often as it likes. */
  readonly sameToolCall: number | undefined;
}

/** What an attempt counts against besides whatever its request does: the account it is made with, the target. */
export type TakenAlong = Pick<LimitedSubject, "kind" | "name" | "limits">;
