/** `to11_` and at least 27 characters of base64url: 160 random bits. */
const GATEWAY_KEY = "to11_[A-Za-z0-9_-]{27,}";
const WHOLE = new RegExp(`^${GATEWAY_KEY}$`);
const ANYWHERE = new RegExp(GATEWAY_KEY);

/** Whether a secret's value has the form of a gateway key, as `to11 key new` makes them. */
export function isGatewayKey(value: string): boolean {
  return WHOLE.test(value);
}

/** Whether a header value bears a gateway key anywhere, known to this gateway or not. */
export function bearsGatewayKey(headerValue: string): boolean {
  return ANYWHERE.test(headerValue);
}
