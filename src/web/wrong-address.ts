import { nearest } from "../core/nearest.ts";
import { ENDPOINTS } from "../endpoints/index.ts";
import { KEY_PATH } from "./own-key.ts";

/** Where a request went that came to no path of the gateway, and where it was probably meant to go. */
export interface MeantAddress {
  /** `/v1/chat/completions`. */
  readonly path: string;
  /** What the client's base URL should be, without the origin: `/v1`, or nothing for clients that add `/v1` themselves. */
  readonly base: string;
}

const MODELS_PATH = "/v1/models";

/** Parts of an address that belong to other hosts' APIs or were said twice: Azure's deployments, OpenAI's engines, version paths, proxies' prefixes. */
const FOREIGN_START = /^(?:v1|v1beta|api|proxy|openai|anthropic|(?:deployments|engines)\/[^/]+)(?:\/|$)/;

/** Longest address that is looked at; a client's own are far shorter. */
const LONGEST_ADDRESS = 256;

/** The path of the gateway that a wrong one was probably meant to be (`/chat/completions`, `/v1/v1/models`); `undefined`: nobody can tell. */
export function meantAddress(wrong: string): MeantAddress | undefined {
  if (wrong.length > LONGEST_ADDRESS) return undefined;
  const path = meantPath(wrong);
  if (path === undefined) return undefined;
  return { path, base: path.startsWith("/v1/messages") ? "" : "/v1" };
}

function meantPath(wrong: string): string | undefined {
  let tail = wrong.split("/").filter(Boolean).join("/");
  for (let start = FOREIGN_START.exec(tail); start !== null; start = FOREIGN_START.exec(tail)) tail = tail.slice(start[0].length);
  if (tail === "models" || tail.startsWith("models/")) return MODELS_PATH + tail.slice("models".length);
  if (ENDPOINTS.has(`/v1/${tail}`)) return `/v1/${tail}`;
  const known = [...ENDPOINTS.keys(), MODELS_PATH, KEY_PATH].map((path) => path.slice("/v1/".length));
  // The beginning of one path only says which.
  const begun = tail === "" ? [] : known.filter((each) => each.startsWith(`${tail}/`));
  const meant = begun.length === 1 ? begun[0] : nearest(tail, known);
  return meant === undefined ? undefined : `/v1/${meant}`;
}

/** What is told to who called a path that there is not. */
export function wrongAddressText(wrong: string, meant: MeantAddress | undefined): string {
  if (meant === undefined) return `There is no ${wrong}. The gateway answers ${[...ENDPOINTS.keys(), MODELS_PATH, KEY_PATH].join(", ")}.`;
  const base = meant.base === "" ? "the gateway's address without a path" : `the gateway's address and ${meant.base}`;
  return `There is no ${wrong}; did you mean ${meant.path}? A client's base URL is ${base} here.`;
}
