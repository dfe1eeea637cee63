import type { Strategy } from "../core/routing/strategy.ts";
import { candidateAt, totalWeight } from "./weighted-choice.ts";

/** One variant: the same one for the same subject where there is a subject, drawn otherwise. */
export const experiment: Strategy = {
  name: "experiment",
  accepts: "variants",
  order(candidates, chance) {
    const total = totalWeight(candidates);
    if (total === 0) return [];
    const drawn = candidateAt(candidates, chance.subject === undefined ? chance.draw(total) : placeOf(chance.subject, total));
    return drawn === undefined ? [] : [drawn];
  },
};

/**
 * The subject's fixed place in `[0, total)`: its hash as a fraction of 2³², scaled. Shares differ from weight ÷ sum by less than one part in
 * 2³², and a changed total moves as few subjects as a changed share must.
 */
function placeOf(subject: string, total: number): number {
  return Math.floor((hash32(subject) / 2 ** 32) * total);
}

/** FNV-1a over UTF-16 code units (a byte at a time), then the finalizer of MurmurHash3, so that near subjects land far apart. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
