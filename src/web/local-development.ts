import { DEV_PROOF_HEADER } from "../core/secrets/dev-proof.ts";
import { equalDigests } from "./secret-digest.ts";

/** What `to11 dev` has told this Worker; a deployed one is told nothing. */
export interface LocalDevelopment {
  /** TO11_DEV: the address that `to11 dev` bound. */
  readonly address: string | undefined;
  /** TO11_DEV_PROOF: what requests bear that came through its door; `undefined`: there is no door before this Worker's own socket. */
  readonly proof: string | undefined;
}

/** Where `to11 dev` binds, and so the value of the variable that it alone passes. */
const LOOPBACK = "127.0.0.1";

/** A Host that only this machine can have asked for. */
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

const encoder = new TextEncoder();

/**
 * Whether `to11 dev` started this Worker and the call is from this machine. All of it: the variable alone would open the gateway to a page that has bound
 * its own name to 127.0.0.1, anybody can send the Host alone, and without the proof a page can make the Host of the local runtime's.
 */
export function isLocalDevelopment(development: LocalDevelopment, headers: { get(name: string): string | null | undefined }): boolean {
  if (development.address !== LOOPBACK || !LOOPBACK_HOST.test(headers.get("host")?.toLowerCase() ?? "")) return false;
  if (development.proof === undefined) return true;
  return equalDigests(encoder.encode(development.proof), encoder.encode(headers.get(DEV_PROOF_HEADER) ?? ""));
}

/** Why somebody is not let in without a key, where somebody else would be; `undefined`: nobody would. */
export function awayFromHome({ address }: LocalDevelopment): string | undefined {
  if (address === undefined) return undefined;
  return (
    "No key is set, so to11 dev lets in who calls this machine by its own name (localhost), a browser only with the cookie that the gateway's own page sets: " +
    "open that page first, or load it again."
  );
}
