/** How strictly addresses are read. */
export interface AddressRules {
  /** Plain http to this machine is allowed. */
  readonly localDevelopment: boolean;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Why secrets may not be sent to this address, or `undefined` where they may. Never repeats the address: it may hold a key. */
export function addressFault(text: string, rules: AddressRules): string | undefined {
  // `new URL` would quietly drop line breaks and tabs.
  if (/[\s\p{Cc}]/u.test(text)) return "must not hold spaces, line breaks or control characters";
  const url = URL.parse(text);
  if (url === null) return "must be a whole address, such as https://api.example.com/v1";
  if (url.username !== "" || url.password !== "") return 'must not hold user info (user:password@); keys go in credential = "env::NAME"';
  if (text.includes("?")) return "must not hold a query; put it in the provider's query = { … }";
  if (text.includes("#")) return "must not hold a fragment (#…)";
  if (url.protocol === "https:") return undefined;
  if (url.protocol !== "http:") return "must begin with https://";
  if (!LOOPBACK.test(url.hostname)) return "must begin with https://; plain http is only for this machine, while developing";
  return rules.localDevelopment
    ? undefined
    : "must begin with https://; http to this machine works under `to11 dev` only, a deployed gateway cannot reach it";
}
