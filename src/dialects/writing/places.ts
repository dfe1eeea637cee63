import type { Ask, Feature } from "../conversation.ts";

/** Where in the request, as its caller knows it, a feature was asked for. */
export class Places {
  readonly #asked: Ask["asked"];
  readonly #passed = new Map<Feature, number>();

  constructor({ asked }: Pick<Ask, "asked">) {
    this.#asked = asked;
  }

  /** All places, or the feature's own name where none is told. */
  all(feature: Feature): readonly string[] {
    const params = this.#asked.filter((each) => each.feature === feature).map(({ param }) => param);
    return params.length === 0 ? [feature] : params;
  }

  first(feature: Feature): string {
    return this.all(feature)[0] ?? feature;
  }

  /** The first place at the first call, the second at the second: parts are written in the order in which they were asked for. */
  next(feature: Feature): string {
    const passed = this.#passed.get(feature) ?? 0;
    this.#passed.set(feature, passed + 1);
    return this.all(feature)[passed] ?? this.first(feature);
  }
}
