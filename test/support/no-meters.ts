import { OutputMeans } from "../../src/core/governance/reserve.ts";
import type { Meters } from "../../src/gateway/limits/meters.ts";

/** The meters of a project without limits: nobody may ask them. */
export const NO_METERS: Meters = {
  outputMeans: new OutputMeans(),
  take() {
    throw new Error("a meter was asked where nothing is limited");
  },
};
