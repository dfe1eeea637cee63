import { userInfo } from "node:os";

/** Who publishes, as the history shows it: the name of the user on this machine. */
export function authorOf(): string {
  try {
    // The header takes visible ASCII only.
    return userInfo().username.replace(/[^\x20-\x7e]/g, "?");
  } catch {
    // A container's user may have no name.
    return "unknown";
  }
}
