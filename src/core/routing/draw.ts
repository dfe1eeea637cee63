/** 2³²: how many values a 32-bit draw can take. */
const UINT32_VALUES = 2 ** 32;

/**
 * A uniform integer in `[0, total)`, `total` an integer from 1 to 2³². Draws of `nextUint32` that would favour the low values are thrown away
 * and drawn again, so there is no modulo bias; fewer than two draws are needed on average.
 */
export function drawFrom(total: number, nextUint32: () => number): number {
  const usable = UINT32_VALUES - (UINT32_VALUES % total);
  let value = nextUint32();
  while (value >= usable) value = nextUint32();
  return value % total;
}
