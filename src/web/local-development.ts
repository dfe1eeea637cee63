/** Where `to11 dev` binds, and so the value of the variable that it alone passes. */
const LOOPBACK = "127.0.0.1";

/** A Host that only this machine can have asked for. */
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/**
 * Whether `to11 dev` started this Worker and the call is for this machine. Both: the variable alone would open the gateway to a page that has bound its own
 * name to 127.0.0.1, and anybody can send the Host alone.
 */
export function isLocalDevelopment(devVariable: string | undefined, hostHeader: string | null): boolean {
  return devVariable === LOOPBACK && hostHeader !== null && LOOPBACK_HOST.test(hostHeader.toLowerCase());
}
