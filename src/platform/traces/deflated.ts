// oxlint-disable-next-line triple-slash-reference -- an ambient declaration has no import
/// <reference path="./node-zlib.d.ts" />
// oxlint-disable-next-line no-restricted-imports -- only workerd runs this folder; CompressionStream would need an await within a transaction
import { deflateRawSync, inflateRawSync } from "node:zlib";

/** zlib's level: 1 and 6 differ by a tenth in size and by twice in time here. */
const COMPRESSION = { level: 3 };

/** A text as a column keeps it: raw deflate (RFC 1951) of its UTF-8. */
export function deflated(text: string): Uint8Array {
  return deflateRawSync(text, COMPRESSION);
}

/** The text of such a column. */
export function inflated(column: ArrayBuffer): string {
  return new TextDecoder().decode(inflateRawSync(new Uint8Array(column)));
}
