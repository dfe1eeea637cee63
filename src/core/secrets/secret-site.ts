import type { AuthForm } from "../routing/provider-type.ts";

/** Where a secret is sent. */
export interface SecretSite {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly place: "header" | "query";
  /** Of the header, in lower case, or of the query parameter. */
  readonly name: string;
}

/** Whether both are one place. */
export function isSameSite(left: SecretSite, right: SecretSite): boolean {
  return left.origin === right.origin && left.place === right.place && left.name === right.name;
}

/** Where a key goes that is sent in this form to that origin; `undefined`: nowhere. */
export function siteOfKey(auth: AuthForm, origin: string): SecretSite | undefined {
  return auth.place === "none" ? undefined : { origin, place: auth.place, name: auth.name };
}

/** The place in words: `the header authorization`. */
export function placeText({ place, name }: SecretSite): string {
  return place === "header" ? `the header ${name}` : `the query parameter ${name}`;
}
