import type * as z from "zod/mini";
import type { limitsSchema } from "../../web/api/contract.ts";
import { formatTable } from "../terminal/table.ts";
import { paint, print, printJson } from "../terminal/terminal.ts";
import type { Variables } from "../variables.ts";
import { connect, type GatewayOptions } from "./gateway-options.ts";

type Standing = z.infer<typeof limitsSchema>["limits"][number];

const HEADINGS = ["SUBJECT", "LIMIT", "SPENT", "RESERVED", "OF", "LEFT", "RESETS"];

/** Prints where limits and budgets stand: of everybody who called in the last 24 hours, or of one subject. */
export async function limits(subject: string | undefined, options: GatewayOptions, shell: Variables): Promise<void> {
  const standings = await (await connect(options, shell)).limits(subject);
  if (options.json === true) return printJson({ limits: standings });
  if (standings.length === 0) return print(subject === undefined ? "Nobody with a limit called in the last 24 hours." : "It has no limit.");
  const [heading = "", ...lines] = limitLines(standings);
  print(paint("bold", heading), ...lines);
}

/** A line for each limit, below their headings. */
export function limitLines(standings: readonly Standing[]): string[] {
  const rows = standings.map(({ subject, limit, spent, reserved, max, left, resets_at: resetsAt }) => [
    subject,
    limit,
    ...[spent, reserved, max, left].map(String),
    resetsAt ?? "-",
  ]);
  return formatTable([HEADINGS, ...rows]);
}
