import { partsOf } from "./secret-forms.ts";

/** `to11_` and at least 27 characters of base64url: 160 random bits. */
const GATEWAY_KEY = "to11_[A-Za-z0-9_-]{27,}";

/** Characters of a gateway key at least. */
export const SHORTEST_GATEWAY_KEY = 32;

const WHOLE = new RegExp(`^${GATEWAY_KEY}$`);
const ANYWHERE = new RegExp(GATEWAY_KEY);
const EVERYWHERE = new RegExp(GATEWAY_KEY, "g");

const BASIC = /^\s*basic\s/i;

/** Whether a secret's value has the form of a gateway key, as `to11 key new` makes them. */
export function isGatewayKey(value: string): boolean {
  return WHOLE.test(value);
}

/** Whether a header value bears a gateway key anywhere, known to this gateway or not, as a name or password of `Basic` too. */
export function bearsGatewayKey(headerValue: string): boolean {
  if (ANYWHERE.test(headerValue)) return true;
  return BASIC.test(headerValue) && partsOf(headerValue).some((part) => ANYWHERE.test(part));
}

/** A part of a text. */
export interface Span {
  readonly start: number;
  /** The position behind it. */
  readonly end: number;
}

/** Where whatever looks like a gateway key stands in a text, in order. */
export function gatewayKeysIn(text: string): readonly Span[] {
  if (!ANYWHERE.test(text)) return [];
  return Array.from(text.matchAll(EVERYWHERE), ({ index, 0: key }) => ({ start: index, end: index + key.length }));
}
