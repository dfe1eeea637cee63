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

/** What stands in the place of a seal that there is none of, where clients keep no thought without one. */
const UNSEALED = writeSeal({ dialect: "none", kind: "proof", value: "" });

/** The seal of a field that bears one or what stands for none; `undefined`: it is none. */
export function readSealOrNone(text: string | undefined, own: Pick<Seal, "dialect" | "kind">): Seal | undefined {
  return text === undefined || text === UNSEALED ? undefined : readSeal(text, own);
}

/** A seal as a caller of this dialect gets it: the dialect's own as they are, others with the name of whose they are. */
export function writeSealOrNone(seal: Seal | undefined, dialect: string): string {
  if (seal === undefined) return UNSEALED;
  return seal.dialect === dialect ? seal.value : writeSeal(seal);
}

/** What stands before the value of a seal that is a call's own, in the thought before that call. No provider's value has a full stop. */
const OF_CALL = "call.";

/** The seal of a call, for dialects whose calls have no place for it, as the seal of an empty thought before it: with the name of whose it is, always. */
export function writeSealBeforeCall(seal: Seal): string {
  return writeSeal({ ...seal, value: OF_CALL + seal.value });
}

/** The seal of the call that follows, where this is the seal of such a thought. */
export function callSealOf(seal: Seal | undefined): Seal | undefined {
  return seal?.value.startsWith(OF_CALL) === true ? { ...seal, value: seal.value.slice(OF_CALL.length) } : undefined;
}
