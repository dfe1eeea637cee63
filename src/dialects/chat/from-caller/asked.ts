import type { Untranslatable } from "../../../core/translation.ts";
import type { AskedFeature, Feature } from "../../conversation.ts";

/** What is found out while a request is read: the features it asks for, and the first thing that is wrong with it. */
export class Asked {
  readonly features: AskedFeature[] = [];
  #fault: Untranslatable | undefined;

  get fault(): Untranslatable | undefined {
    return this.#fault;
  }

  /** `called`: what stands there, by name. */
  feature(feature: Feature, param: string, called?: string): void {
    this.features.push(called === undefined ? { feature, param } : { feature, param, called });
  }

  /** A member that is asked for where it is there, as `null` is not. */
  member<T>(value: T | null | undefined, feature: Feature, param: string): T | undefined {
    if (value === null || value === undefined) return undefined;
    this.feature(feature, param);
    return value;
  }

  /** Something is wrong: reading goes on as if it were not there. `right`: what would be right, behind the place. */
  wrong(param: string, right: string): void {
    this.#fault ??= { param, message: `${param} ${right}` };
  }
}
