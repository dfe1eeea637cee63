import { type Limit, limitsOf } from "../../core/governance/limit.ts";
import type { CallerSubjects, LimitedSubject, SubjectKind } from "../../core/governance/subject.ts";
import type { TableLimits } from "../../core/governance/table-limits.ts";
import type { Plan } from "../../core/routing/plan.ts";
import type { TraceDraft } from "../trace-draft.ts";

/** Whom limits are on: a static key is its own subject and belongs to no team, an issued one may bring limits of its own. Names are as the trace has them. */
export function whoCalls(draft: TraceDraft): CallerSubjects {
  const { apiKey, holder } = draft.labels;
  const word = (text: string | null): string | null => (text === null ? null : draft.word(text));
  const own = limitsOf(holder?.limits ?? {});
  const brought = holder === undefined || own.length === 0 ? {} : { limits: own, revision: holder.rev };
  const key = apiKey === null ? null : { id: apiKey, ...brought };
  return { key, team: holder?.team ?? null, user: word(draft.userId), session: word(draft.sessionId) };
}

/** Everybody and everything that a call counts against whatever becomes of its attempts. */
export function limitedSubjects(limits: TableLimits, who: CallerSubjects, plan: Plan): readonly LimitedSubject[] {
  const { timezone, revision } = limits;
  const subjects: LimitedSubject[] = [];
  const add = (kind: SubjectKind, name: string | null, its: readonly Limit[] | undefined): void => {
    if (name !== null && its !== undefined && its.length > 0) subjects.push({ kind, name, limits: its, revision, timezone });
  };
  add("project", "", limits.project);
  if (who.key !== null) {
    const { id, limits: own = limits.key, revision: ownRevision = 0 } = who.key;
    // Whichever changed last, configuration or key, makes it greater.
    if (own !== undefined && own.length > 0)
      subjects.push({ kind: "key", name: id, limits: own, revision: revision + ownRevision, timezone });
  }
  add("team", who.team, who.team === null ? undefined : (limits.teams.get(who.team) ?? limits.team));
  add("user", who.user, limits.user);
  add("session", who.session, limits.session);
  if (plan.route !== undefined) add(plan.route.layer, plan.route.name, plan.route.limits);
  return subjects;
}
