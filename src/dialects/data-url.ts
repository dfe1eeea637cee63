/** Bytes in an address: `data:image/png;base64,iVBORw0…`. They are never decoded. */
export interface DataUrl {
  /** `""`: none is named. */
  readonly mediaType: string;
  readonly base64: string;
}

/** Whether an address holds bytes itself. */
export function isDataUrl(url: string): boolean {
  return /^data:/i.test(url.slice(0, 5));
}

/** The bytes of a data URL; `undefined`: they are not in base64. */
export function readDataUrl(url: string): DataUrl | undefined {
  const comma = url.indexOf(",");
  if (comma < 0) return undefined;
  const head = url.slice("data:".length, comma);
  if (!/;\s*base64\s*$/i.test(head)) return undefined;
  return { mediaType: mediaTypeOf(head), base64: url.slice(comma + 1) };
}

/** `data:image/png;base64,iVBORw0…`. */
export function writeDataUrl({ mediaType, base64 }: DataUrl): string {
  return `data:${mediaType};base64,${base64}`;
}

/** A type in lower case, without its parameters; some say `image/jpg`. */
export function mediaTypeOf(told: string): string {
  const [type = ""] = told.split(";");
  const named = type.trim().toLowerCase();
  return named === "image/jpg" ? "image/jpeg" : named;
}
