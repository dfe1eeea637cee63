/** How many of an IPv6 address's eight groups name a network: providers give a customer a /64 at least, and within it every address is as good as another. */
const NETWORK_GROUPS = 4;

/** `::ffff:192.0.2.1`, as the URL parser writes it. */
const MAPPED_V4 = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * Whom attempts from an address count against: the IPv4 address itself, or the /64 of an IPv6 one, such as `2001:db8:0:1::/64`. What is no address counts
 * as it stands. `null`: the platform tells none, as locally.
 */
export function clientOf(address: string | null): string {
  if (address === null) return "local";
  if (!address.includes(":")) return address;
  const canonical = canonicalV6(address);
  if (canonical === undefined) return address;
  const [, high, low] = MAPPED_V4.exec(canonical) ?? [];
  if (high !== undefined && low !== undefined) return v4Of(Number.parseInt(high, 16), Number.parseInt(low, 16));
  const [before = "", after] = canonical.split("::", 2);
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return `${[...head, ...zeros, ...tail].slice(0, NETWORK_GROUPS).join(":")}::/64`;
}

/** In lower case, with the longest run of zeros as `::`; `undefined`: it is none. */
function canonicalV6(address: string): string | undefined {
  const url = URL.parse(`http://[${address}]`);
  return url === null ? undefined : url.hostname.slice(1, -1);
}

function v4Of(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}
