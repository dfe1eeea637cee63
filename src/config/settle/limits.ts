import { isTimeZone } from "../../core/governance/calendar.ts";
import { LIMIT_NAMES, type LimitTable } from "../../core/governance/limit.ts";
import type { CompiledConfig, CompiledLimits } from "../compiled.ts";
import type { Findings } from "../file/findings.ts";
import type { RoutesFile } from "../schema.ts";

/** A table of limits as it was written, its keys perhaps of no value. */
type WrittenLimits = { readonly [Name in keyof LimitTable]?: number | undefined };

/** The limits that a table gives; `undefined`: it gives none. */
export function limitsIn(table: WrittenLimits | undefined): LimitTable | undefined {
  const given = LIMIT_NAMES.flatMap((name) => (table?.[name] === undefined ? [] : [[name, table[name]] as const]));
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** `[limits]` and `[teams]`; nothing where nobody and nothing is limited, so that such a project's document is as it was. */
export function compileLimits(file: RoutesFile, findings: Findings): Pick<CompiledConfig, "limits"> {
  const {
    max_body_bytes: _bytes,
    max_upload_bytes: _uploadBytes,
    timezone,
    on_unavailable: onUnavailable,
    reserve,
    ...subjects
  } = file.limits ?? {};
  if (timezone !== undefined && !isTimeZone(timezone)) {
    findings.wrong(
      ["limits", "timezone"],
      `${JSON.stringify(timezone)} is no time zone; write one of the IANA names, such as "Europe/Berlin", or "UTC"`,
    );
  }
  const things = [...Object.values(file.providers ?? {}), ...Object.values(file.targets ?? {}), ...routesOf(file)];
  // An issued key may bring limits of its own.
  const isOnKeys = file.auth?.issued === true;
  const isOnThings = things.some(({ limits }) => limits !== undefined);
  const isAnywhere = isOnKeys || isOnThings || file.teams !== undefined || Object.keys(subjects).length > 0;
  if (!isAnywhere) return {};
  const { session } = subjects;
  const kinds = (["project", "key", "user", "session", "team"] as const).flatMap((kind) => {
    const limits = limitsIn(subjects[kind]);
    return limits === undefined ? [] : [[kind, limits] as const];
  });
  const teams = Object.entries(file.teams ?? {}).map(([name, table]) => [name, limitsIn(table) ?? {}] as const);
  const limits: CompiledLimits = {
    timezone: timezone ?? "UTC",
    onUnavailable: onUnavailable ?? "allow",
    reserve: reserve ?? "expected",
    ...Object.fromEntries(kinds),
    ...(teams.length === 0 ? {} : { teams: Object.fromEntries(teams) }),
    ...(session?.same_tool_call === undefined ? {} : { sameToolCall: session.same_tool_call }),
  };
  return { limits };
}

function routesOf(file: RoutesFile): readonly NonNullable<RoutesFile["routes"]>[string][] {
  return [...Object.values(file.routes ?? {}), ...Object.values(file.functions ?? {})];
}
