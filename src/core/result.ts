/** A value, or the facts of why there is none. Foreseen failures of pure code travel this way; nothing pure throws. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** `ok(5)` is `{ ok: true, value: 5 }`. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** `fail({ kind: "absent" })` is `{ ok: false, error: { kind: "absent" } }`. */
export function fail<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}
