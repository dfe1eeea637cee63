import { readSeal, type Seal, writeSeal } from "../seal.ts";

/** Where a thought's seal is in a block: a `thinking` block has a proof, `redacted_thinking` is the cipher itself. */
type Place = "proof" | "cipher";

/** What stands before the value of a seal that is a call's own, in the `thinking` block before that call. No provider's value has a full stop. */
const OF_CALL = "call.";

/** In the place of a signature that there is none of: an upstream that asks for none gave the thought. */
const UNSEALED = writeSeal({ dialect: "none", kind: "proof", value: "" });

/** The seal of a `signature` or of a `redacted_thinking`'s `data`; `undefined`: it is none. */
export function readSignature(text: string | undefined, place: Place): Seal | undefined {
  if (text === undefined || text === UNSEALED) return undefined;
  return readSeal(text, { dialect: "messages", kind: place });
}

/** A seal as a caller gets it: Anthropic's own as they are, others with the name of whose they are. */
export function writeSignature(seal: Seal | undefined): string {
  if (seal === undefined) return UNSEALED;
  return seal.dialect === "messages" ? seal.value : writeSeal(seal);
}

/** The seal of a call, which Anthropic's calls have no place for, as the signature of an empty thought before it. */
export function writeCallSignature(seal: Seal): string {
  return writeSignature({ ...seal, value: OF_CALL + seal.value });
}

/** The seal of the call that follows, where this is the seal of such a thought. */
export function callSealOf(seal: Seal | undefined): Seal | undefined {
  return seal?.value.startsWith(OF_CALL) === true ? { ...seal, value: seal.value.slice(OF_CALL.length) } : undefined;
}
