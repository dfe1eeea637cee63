import { placeText, type SecretSite } from "./secret-site.ts";

/** Why a secret cannot be sent to a place. */
export type SecretFault = "missing" | "not_allowed_there" | "malformed";

/** What is wrong with a malformed one, behind its name. */
export const MALFORMED_WORDS = "holds a character that a header cannot carry, such as a line break";

/** What no header can carry: https://www.rfc-editor.org/rfc/rfc9110#section-5.5 */
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/;

/** A secret's value as it is sent: without the white space around it, which a line's end in a shell leaves there. Nothing where it is not set. */
export function trimmedSecret(value: string | undefined): string {
  return value?.trim() ?? "";
}

/** Whether a secret's value, trimmed, can be sent. */
export function isSendable(value: string): boolean {
  return !UNSENDABLE.test(value);
}

/** A fault in words for messages, logs and health: names, never values. */
export function secretFaultText(name: string, fault: SecretFault, site: SecretSite): string {
  switch (fault) {
    case "missing":
      return `the secret ${name} is not set`;
    case "not_allowed_there":
      return `the secret ${name} may not be sent to ${site.origin} in ${placeText(site)}: the deployed routes.toml does not send it there`;
    case "malformed":
      return `the secret ${name} ${MALFORMED_WORDS}`;
  }
}
