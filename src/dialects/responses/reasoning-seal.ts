import { readSeal, type Seal, writeSeal } from "../seal.ts";

/** What stands before the value of a seal that is a call's own, in the reasoning item before that call. No provider's value has a full stop. */
const OF_CALL = "call.";

/** In the place of a cipher that there is none of: clients that keep nothing elsewhere leave out reasoning without one. */
const UNSEALED = writeSeal({ dialect: "none", kind: "proof", value: "" });

/** The seal of an `encrypted_content`; `undefined`: it is none. */
export function readEncrypted(text: string | undefined): Seal | undefined {
  return text === undefined || text === UNSEALED ? undefined : readSeal(text, { dialect: "responses", kind: "cipher" });
}

/** A seal as a caller gets it: OpenAI's own as they are, others with the name of whose they are. */
export function writeEncrypted(seal: Seal | undefined): string {
  if (seal === undefined) return UNSEALED;
  return seal.dialect === "responses" ? seal.value : writeSeal(seal);
}

/** The seal of a call, which calls have no place for here, as the content of a reasoning item before it. */
export function writeCallEncrypted(seal: Seal): string {
  return writeSeal({ ...seal, value: OF_CALL + seal.value });
}

/** The seal of the call that follows, where this is the seal of such an item. */
export function callSealOf(seal: Seal | undefined): Seal | undefined {
  return seal?.value.startsWith(OF_CALL) === true ? { ...seal, value: seal.value.slice(OF_CALL.length) } : undefined;
}
