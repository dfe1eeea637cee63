import type { Untranslatable } from "../../../core/translation.ts";
import type { AskedFeature, Feature } from "../../conversation.ts";

/** What is noted while a request is read: what it asks for, and what is wrong with it. */
export class AskNotes {
  readonly asked: AskedFeature[] = [];
  #fault: Untranslatable | undefined;

  /** The first thing that is wrong; `undefined`: nothing so far. */
  get fault(): Untranslatable | undefined {
    return this.#fault;
  }

  /** Notes a feature. `called`: what stands there, by name. */
  ask(feature: Feature, param: string, called?: string): void {
    this.asked.push(called === undefined ? { feature, param } : { feature, param, called });
  }

  /** Notes what is wrong at a place, and what would be right. */
  wrong(param: string, message: string): void {
    this.#fault ??= { param, message: `${param}: ${message}` };
  }

  /** Whether a feature was noted. */
  asks(feature: Feature): boolean {
    return this.asked.some((each) => each.feature === feature);
  }
}
