import type { Untranslatable } from "../../core/translation.ts";
import type { AskedFeature, Feature } from "../conversation.ts";

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

  /** Whether a feature was asked for so far. */
  asks(feature: Feature): boolean {
    return this.features.some((each) => each.feature === feature);
  }

  /** A member that is asked for where it is there, as `null` is not. */
  member<T>(value: T | null | undefined, feature: Feature, param: string): T | undefined {
    if (value === null || value === undefined) return undefined;
    this.feature(feature, param);
    return value;
  }

  number(value: unknown, feature: Feature, param: string): number | undefined {
    if (typeof value === "number") return this.member(value, feature, param);
    if (value !== undefined && value !== null) this.wrong(param, "is no number");
    return undefined;
  }

  /** A list, empty where there is none. */
  list(value: unknown, param: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    if (value !== undefined && value !== null) this.wrong(param, "is no list");
    return [];
  }

  /** Something is wrong: reading goes on as if it were not there. `right`: what would be right, behind the place. */
  wrong(param: string, right: string): undefined {
    this.#fault ??= { param, message: `${param} ${right}` };
  }
}
