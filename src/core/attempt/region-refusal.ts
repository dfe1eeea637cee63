import type { UpstreamError } from "../endpoint.ts";

/** Statuses of refusals for a region: Google's is a 400. 451: https://www.rfc-editor.org/rfc/rfc7725 */
const STATUSES: ReadonlySet<number> = new Set([400, 403, 451]);

const CODES: ReadonlySet<string> = new Set(["unsupported_country_region_territory"]);

/** How providers say that they do not serve the country or region that they are called from; compared in lower case. */
const WORDINGS: readonly string[] = [
  // OpenAI: "Country, region, or territory not supported"
  "country, region, or territory not supported",
  "unsupported_country_region_territory",
  // Google: "User location is not supported for the API use."
  "user location is not supported",
  // Others, and gateways before them.
  "not available in your region",
  "not available in your country",
  "unsupported region",
];

/** Anthropic's, a whole message, with status 403: of a key it says what is wrong. */
const NOT_ALLOWED = "request not allowed";

/** What a refusal says that is for the country or region which the provider is called from, and so for no key; `undefined`: it is for something else. */
export function regionRefusal({ status, code, message }: UpstreamError): string | undefined {
  if (!STATUSES.has(status)) return undefined;
  const words = message.toLowerCase();
  const isRegional =
    (code !== null && CODES.has(code.toLowerCase())) ||
    WORDINGS.some((wording) => words.includes(wording)) ||
    (status === 403 && words.replace(/\.$/, "") === NOT_ALLOWED);
  return isRegional ? message : undefined;
}
