/**
 * A provider's own proof or cipher of what its model thought (a signature, encrypted reasoning). It means something to that provider only, and has to come back
 * to it as it was.
 */
export interface Seal {
  /** The dialect it was said in, and with it whose it is. */
  readonly dialect: string;
  /** As the provider gave it. */
  readonly value: string;
  /** `cipher`: it is the thought itself, which nobody else can read; `proof`: it goes with the thought's text. */
  readonly kind: "proof" | "cipher";
}

/** What a seal begins with where it travels in another dialect's opaque field. No provider's own does: theirs are base64, which has no full stop. */
const TAG = /^to11\.([a-z]+)\.(proof|cipher)\.(.*)$/s;

/** A seal as it travels in a field of another dialect: `to11.messages.proof.EqQBCg…`. */
export function writeSeal({ dialect, kind, value }: Seal): string {
  return `to11.${dialect}.${kind}.${value}`;
}

/** The seal of an opaque field: what bears no tag is of the `dialect` and `kind` whose field it is. */
export function readSeal(text: string, own: Pick<Seal, "dialect" | "kind">): Seal {
  const [, dialect, kind, value] = TAG.exec(text) ?? [];
  if (dialect === undefined || value === undefined) return { ...own, value: text };
  return { dialect, kind: kind === "cipher" ? "cipher" : "proof", value };
}
