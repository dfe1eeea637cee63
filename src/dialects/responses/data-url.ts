/** Bytes in an address: `data:image/png;base64,iVBORw0…`. */
export interface DataUrl {
  /** In lower case; `""`: none is named. */
  readonly mediaType: string;
  readonly base64: string;
}

/** Types as clients misspell them. */
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([["image/jpg", "image/jpeg"]]);

/** Whether an address holds bytes itself. */
export function isDataUrl(url: string): boolean {
  return /^data:/i.test(url.slice(0, 5));
}

/** The bytes of a data URL; `undefined`: they are not in base64. They are not decoded. */
export function readDataUrl(url: string): DataUrl | undefined {
  const comma = url.indexOf(",");
  if (comma < 0) return undefined;
  const [mediaType = "", ...parameters] = url.slice("data:".length, comma).toLowerCase().split(";");
  if (parameters.at(-1)?.trim() !== "base64") return undefined;
  const type = mediaType.trim();
  return { mediaType: MEDIA_TYPES.get(type) ?? type, base64: url.slice(comma + 1) };
}

/** `data:image/png;base64,iVBORw0…`. */
export function writeDataUrl({ mediaType, base64 }: DataUrl): string {
  return `data:${mediaType};base64,${base64}`;
}
