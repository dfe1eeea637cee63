import { stripVTControlCharacters } from "node:util";
import * as z from "zod/mini";

// Wordings of wrangler 4.155.

const secretListSchema = z.array(z.looseObject({ name: z.string() }));

/** The names that `wrangler secret list` printed; `null`: it printed no list. */
export function secretNames(stdout: string): string[] | null {
  const start = stdout.indexOf("[");
  if (start === -1) return null;
  try {
    return secretListSchema.parse(JSON.parse(stdout.slice(start))).map(({ name }) => name);
  } catch {
    return null;
  }
}

/** Whether `wrangler secret list` failed only because the Worker was never deployed. */
export function isUnknownWorker(output: string): boolean {
  return /Worker "[^"]*"[^\n]* not found\./.test(output);
}

/**
 * Where `wrangler deploy` says the Worker can be called: a custom domain if it names one, else workers.dev; `null`: neither.
 * Patterns of zones (`example.com/api/*`) are no addresses.
 */
export function deployedUrl(output: string): string | null {
  const text = stripVTControlCharacters(output);
  const domain = /^ {2,}(\S+) \(custom domain/m.exec(text)?.[1];
  if (domain !== undefined) return `https://${domain}`;
  return /^ {2,}(https:\/\/\S+\.workers\.dev)\/?\s*$/m.exec(text)?.[1] ?? null;
}

/** The script's size after gzip, KiB, that `wrangler deploy` printed. */
export function gzipKib(output: string): number | null {
  const match = /Total Upload: .*gzip: ([\d.]+) KiB/.exec(stripVTControlCharacters(output));
  return match?.[1] === undefined ? null : Number(match[1]);
}
