import type * as z from "zod/mini";
import type { Findings } from "./findings.ts";
import type { KeyPath } from "./key-path.ts";
import { type RoutesFile, routesFileSchema } from "../schema.ts";

/** Leaving a key out can uncover that its table now lacks a needed one, and so on up to the top: no table is deeper. */
const MAX_ROUNDS = 8;

const VERSION = "/v1/";

/** A word that is near none of the right ones is quoted up to this length only: a longer one may be a key that was pasted by mistake. */
const QUOTED_CHARACTERS = 16;

/** The file without the keys that have a wrong name or shape, each of which is reported and taken out of `values`; so the later checks find all else in one go. */
export function checkShape(values: unknown, findings: Findings): RoutesFile | undefined {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const parsed = routesFileSchema.safeParse(values);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      for (const { path, meant, message } of complaints(issue, values, findings)) {
        if (round === 0) findings.misshapen(path, meant ?? path, message);
        leaveOut(values, path);
      }
    }
  }
  return undefined;
}

interface Complaint {
  readonly path: KeyPath;
  /** The key that an unknown one was probably meant to be; left out: `path` itself. */
  readonly meant?: KeyPath;
  readonly message: string;
}

function complaints(issue: z.core.$ZodIssue, values: unknown, findings: Findings): readonly Complaint[] {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  if (issue.code === "unrecognized_keys") {
    const known = issue.message.split(" ");
    return issue.keys.map((key) => {
      const meant = findings.nearest(key, known);
      const hint = meant === undefined ? `known here: ${known.join(", ")}` : `did you mean "${meant}"?`;
      return { path: [...path, key], meant: [...path, meant ?? key], message: `unknown key; ${hint}` };
    });
  }
  if (issue.code === "invalid_value") return [{ path, message: unknownWord(issue, valueAt(values, path), findings) }];
  if (issue.code === "invalid_key") return [{ path, message: `the name ${issue.issues[0]?.message ?? "is not allowed"}` }];
  return [{ path, message: valueAt(values, path) === undefined ? `is missing; it ${issue.message}` : issue.message }];
}

/** What was found in the place of one of a few words, and which of them was meant. */
function unknownWord(issue: z.core.$ZodIssueInvalidValue, found: unknown, findings: Findings): string {
  if (typeof found !== "string") return issue.message;
  const known = issue.values.filter((value) => typeof value === "string");
  // What all of them begin with (`/v1/`) says nothing of which one was meant.
  const common = known.every((value) => value.startsWith(VERSION)) && found.startsWith(VERSION) ? VERSION.length : 0;
  const near = findings.nearest(
    found.slice(common),
    known.map((value) => value.slice(common)),
  );
  if (near !== undefined) return `"${found}" is not known here; did you mean "${found.slice(0, common)}${near}"?`;
  return found.length > QUOTED_CHARACTERS ? issue.message : `${JSON.stringify(found)} is not known here; it ${issue.message}`;
}

/** Takes away what `path` leads to; where nothing is there, the table that lacks it; for an element, the whole array, so that positions stay true. */
function leaveOut(values: unknown, path: KeyPath): void {
  const position = path.findIndex((part, index) => typeof part === "number" && index === path.length - 1);
  const whole = position === -1 ? path : path.slice(0, position);
  const holder = valueAt(values, whole.slice(0, -1));
  const key = whole.at(-1);
  if (key === undefined) return;
  if (isObject(holder) && Object.hasOwn(holder, key)) {
    if (Array.isArray(holder)) leaveOut(values, whole.slice(0, -1));
    else delete holder[key];
  } else if (whole.length > 1) leaveOut(values, whole.slice(0, -1));
}

function valueAt(values: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((at, part) => (isObject(at) ? at[part] : undefined), values);
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}
