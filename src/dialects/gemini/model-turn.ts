import type { ThoughtPart } from "../conversation.ts";
import type { Seal } from "../seal.ts";
import type { MediaPart } from "./media.ts";

/** One side's say, as Gemini has it. */
export interface Content {
  readonly role: "user" | "model";
  readonly parts: readonly WrittenPart[];
}

/** A piece of it. */
export interface WrittenPart extends MediaPart {
  readonly text?: string;
  readonly thought?: true;
  readonly functionCall?: WrittenCall;
  readonly functionResponse?: object;
  thoughtSignature?: string;
}

/** A call of a tool. */
export interface WrittenCall {
  readonly id: string;
  readonly name: string;
  readonly args: object;
}

/** Whose seals these are. */
export const GEMINI_SEAL = { dialect: "gemini", kind: "proof" } as const;

/** Stands for a signature that nobody has: https://ai.google.dev/gemini-api/docs/thought-signatures#faqs */
const STAND_IN = "skip_thought_signature_validator";

/**
 * The parts of what the model said. A signature belongs to the call that it came with, or else to the turn's last words; where its caller's dialect has no place
 * for it there it stands alone, before that call or beside those words, and is put back. Thoughts of others are left out.
 */
export class ModelTurn {
  readonly #parts: WrittenPart[] = [];
  readonly #callsAreSigned: boolean;
  /** A signature that stood alone, and is not put back yet. */
  #pending: string | undefined;
  #hasCalled = false;

  /** `callsAreSigned`: the model refuses a turn whose first call has no signature. Those that come with it have none. */
  constructor(callsAreSigned: boolean) {
    this.#callsAreSigned = callsAreSigned;
  }

  say(text: string): void {
    this.#parts.push({ text, ...signature(this.#pending) });
    this.#pending = undefined;
  }

  show(media: MediaPart): void {
    this.#parts.push(media);
  }

  think({ text, seal }: ThoughtPart): void {
    const own = ownSignature(seal);
    if (own === undefined) return;
    this.#settle();
    if (text !== "") this.#parts.push({ text, thought: true });
    this.#pending = own;
  }

  call(functionCall: WrittenCall, seal: Seal | undefined): void {
    const own = ownSignature(seal);
    if (own !== undefined) this.#settle();
    const standIn = this.#callsAreSigned && !this.#hasCalled ? STAND_IN : undefined;
    this.#parts.push({ functionCall, ...signature(own ?? this.#pending ?? standIn) });
    this.#pending = undefined;
    this.#hasCalled = true;
  }

  end(): readonly WrittenPart[] {
    this.#settle();
    return this.#parts;
  }

  /** Puts a signature that no call and no words took beside the words before it. */
  #settle(): void {
    if (this.#pending === undefined) return;
    const last = this.#parts.at(-1);
    if (last?.text !== undefined && last.thoughtSignature === undefined) last.thoughtSignature = this.#pending;
    else this.#parts.push({ text: "", thoughtSignature: this.#pending });
    this.#pending = undefined;
  }
}

function signature(value: string | undefined): { readonly thoughtSignature?: string } {
  return value === undefined ? {} : { thoughtSignature: value };
}

function ownSignature(seal: Seal | undefined): string | undefined {
  return seal?.dialect === GEMINI_SEAL.dialect && seal.value !== "" ? seal.value : undefined;
}
