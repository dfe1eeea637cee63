import type { Untranslatable } from "../../core/translation.ts";
import type { Ask, Feature } from "../conversation.ts";
import { Places } from "./places.ts";

/** What comes up while a request is written: what was changed in it, as its caller is told, and the first value that cannot be put to the upstream. */
export class Notes {
  readonly adapted: string[] = [];
  readonly places: Places;
  #fault: Untranslatable | undefined;

  constructor(ask: Ask) {
    this.places = new Places(ask);
  }

  get fault(): Untranslatable | undefined {
    return this.#fault;
  }

  /** Something is not as it was asked for. `as`: what it is now, left out where it is gone. */
  tell(feature: Feature, as?: string | number): void {
    const place = this.places.first(feature);
    this.adapted.push(as === undefined ? place : `${place}=${as}`);
  }

  /** The same wherever it was asked for. */
  tellAll(feature: Feature): undefined {
    for (const place of this.places.all(feature)) this.adapted.push(place);
  }

  /** A value is wrong: writing goes on as if it were not there. */
  wrong(param: string, message: string): undefined {
    this.#fault ??= { param, message };
  }
}
