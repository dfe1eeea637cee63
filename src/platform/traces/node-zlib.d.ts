/** What of Node's zlib is used here; Workers have it, their types do not name it. */
declare module "node:zlib" {
  /** Raw deflate (RFC 1951). `level`: 1 (fast) to 9 (small). */
  export function deflateRawSync(data: string | Uint8Array, options: { readonly level: number }): Uint8Array;
  export function inflateRawSync(data: Uint8Array): Uint8Array;
}
