import type * as z from "zod/mini";
import type { keySchema, keyWithSecretSchema } from "../../web/api/contract.ts";
import type { keyChangeSchema } from "../../web/api/requests.ts";
import { CommandFailure } from "../command-failure.ts";
import { formatTable } from "../terminal/table.ts";
import { paint, print, printError, printJson } from "../terminal/terminal.ts";
import { visible } from "../terminal/visible.ts";
import type { Variables } from "../variables.ts";
import { connect, type GatewayOptions } from "./gateway-options.ts";
import { momentAfter, spanMs } from "./moment-after.ts";

type Key = z.infer<typeof keySchema>;
type KeySettings = z.input<typeof keyChangeSchema>;

/** What is to be said of a key. */
interface SettingOptions extends GatewayOptions {
  readonly name?: string;
  readonly plan?: string;
  readonly team?: string;
  readonly owner?: string;
  readonly expires?: string;
  readonly scope?: NonNullable<KeySettings["scopes"]>;
  readonly meta?: Record<string, string>;
  readonly limit?: NonNullable<KeySettings["limits"]>;
}

/** Has a key made and prints it, the only time that it can be seen. */
export async function createKey(options: SettingOptions & { readonly name: string }, shell: Variables): Promise<void> {
  const settings = settingsOf(options);
  printSecret(await (await connect(options, shell)).createKey({ ...settings, name: options.name }), options);
}

/** Lists the keys that are good for something, or all of them. */
export async function listKeys(options: GatewayOptions & { readonly all?: boolean }, shell: Variables): Promise<void> {
  const found = await (await connect(options, shell)).keys();
  const keys = options.all === true ? found : found.filter(({ state }) => state === "active");
  if (options.json === true) return printJson({ keys });
  if (keys.length === 0)
    return print(found.length === 0 ? "No key was made yet." : "No key is good for anything any more; --all shows those that were.");
  const [heading = "", ...lines] = formatTable([["ID", "NAME", "STATE", "PLAN", "TEAM", "OWNER", "ENDS"], ...keys.map(cellsOf)]);
  print(paint("bold", heading), ...lines);
}

/** Shows one key. */
export async function showKey(id: string, options: GatewayOptions, shell: Variables): Promise<void> {
  printKey(await (await connect(options, shell)).key(id), options);
}

/** Changes a key. */
export async function changeKey(id: string, options: SettingOptions, shell: Variables): Promise<void> {
  const settings = settingsOf(options);
  if (Object.keys(settings).length === 0) throw new CommandFailure("Nothing is to be changed; say what, such as --plan team.", 2);
  printKey(await (await connect(options, shell)).changeKey(id, settings), options);
}

/** Gives a key a new secret and prints it, the only time that it can be seen. */
export async function rotateKey(id: string, options: GatewayOptions & { readonly overlap: string }, shell: Variables): Promise<void> {
  const overlapMs = spanMs(options.overlap);
  if (overlapMs === undefined)
    throw new CommandFailure(`--overlap takes a span such as 24h, 30m or 7d, or 0; not ${JSON.stringify(options.overlap)}.`, 2);
  printSecret(await (await connect(options, shell)).rotateKey(id, overlapMs), options);
}

/** Ends a key. */
export async function revokeKey(id: string, options: GatewayOptions, shell: Variables): Promise<void> {
  printKey(await (await connect(options, shell)).revokeKey(id), options);
}

/** What the options say, as the API takes it. `none` is nothing. */
function settingsOf(options: SettingOptions): KeySettings {
  const { name, scope, meta, limit } = options;
  const given = {
    name,
    plan: orNone(options.plan),
    team: orNone(options.team),
    owner: orNone(options.owner),
    expires_at: options.expires === undefined || options.expires === "none" ? orNone(options.expires) : momentOf(options.expires),
    scopes: scope,
    metadata: meta,
    limits: limit,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function orNone(text: string | undefined): string | null | undefined {
  return text === "none" ? null : text;
}

function momentOf(text: string): string {
  const moment = momentAfter(text, Date.now());
  if (moment !== undefined) return moment;
  throw new CommandFailure(`--expires takes a span from now, such as 90d or 12h, or an ISO 8601 time; not ${JSON.stringify(text)}.`, 2);
}

/** The secret alone on standard output, what is said of it beside: so that it can be piped. */
function printSecret(key: z.infer<typeof keyWithSecretSchema>, options: GatewayOptions): void {
  if (options.json === true) return printJson(key);
  print(key.secret);
  const until = key.overlap_until === null ? "" : ` The secret before works until ${key.overlap_until}.`;
  printError(`${visible(key.name)}, id ${key.id}. This is the only time that it is shown.${until}`);
}

function printKey(key: Key, options: GatewayOptions): void {
  if (options.json === true) return printJson(key);
  const rows = Object.entries(key).map(([name, value]) => [name, shownValue(value)]);
  print(...formatTable(rows));
}

function shownValue(value: Key[keyof Key]): string {
  if (value === null) return "-";
  if (typeof value === "string") return visible(value);
  const words = Array.isArray(value) ? value : Object.entries(value).map(([name, each]) => `${name}=${each}`);
  return words.length === 0 ? "-" : visible(words.join(", "));
}

function cellsOf({ id, name, state, plan, team, owner, expires_at: ends }: Key): string[] {
  return [id, name, state, plan, team, owner, ends].map((cell) => visible(cell ?? "-"));
}
