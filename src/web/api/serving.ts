import type { ControlServices } from "./services.ts";

/** The version that a project was deployed with; `null`: the deploy brought another project's file, or it is no deploy. */
export function deployedVersion(project: string, control: ControlServices): string | null {
  return project === control.bundledProject ? (control.deployedVersion ?? null) : null;
}

/** A time as answers tell it; `null` where there is none. */
export function isoTime(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
