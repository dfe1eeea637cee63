import type { Explained } from "./gateway-client.ts";
import { connect, type GatewayOptions } from "./gateway-options.ts";
import { percent } from "../terminal/percent.ts";
import { formatTable } from "../terminal/table.ts";
import { print, printJson } from "../terminal/terminal.ts";
import { visible } from "../terminal/visible.ts";
import type { Variables } from "../variables.ts";

/** Tells where a model would go, calling nobody. */
export async function explain(model: string, options: GatewayOptions & { readonly path: string }, shell: Variables): Promise<void> {
  const explained = await (await connect(options, shell)).explain(model, options.path);
  if (options.json) printJson(explained);
  else print(...explanationLines(explained));
}

function asked(translated: string | null): string {
  return translated === null ? "" : `translated: it speaks ${translated}`;
}

/** An explanation as the terminal shows it. */
export function explanationLines(explained: Explained): string[] {
  const name = explained.function ?? explained.route;
  const head = visible(name === null ? explained.layer : `${explained.layer} ${name}`);
  const rows = explained.candidates.map((candidate) => [
    String(candidate.step + 1),
    candidate.target,
    candidate.provider,
    candidate.model,
    candidate.variant ?? "-",
    percent(candidate.share),
    candidate.skipped === null ? asked(candidate.translated) : `skipped: ${candidate.skipped}`,
  ]);
  return [
    `${head}, strategy ${explained.strategy}, configuration ${explained.config.slice(0, 8)}`,
    visible(explained.reason),
    "",
    ...formatTable([["STEP", "TARGET", "PROVIDER", "MODEL", "VARIANT", "SHARE", ""], ...rows]),
  ];
}
