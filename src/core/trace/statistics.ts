/** A value and where it lies with 95 % confidence; `null` where there is too little to say. */
export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** What is kept of measured values: enough for their mean and its uncertainty, and added up where values come together. */
export interface Moments {
  readonly count: number;
  readonly sum: number;
  /** Sum of the values' squares. */
  readonly squares: number;
}

/** The normal distribution's 97.5 % point: 95 of 100 lie within it on both sides. */
const Z = 1.959963984540054;

/** With fewer values a mean has no interval worth showing: Student's t is wide there, and its approximation below is off by more than 0.3 %. */
const LEAST_FOR_MEAN = 5;

/** The usual condition of the chi-square test: each kind is expected at least so often. */
const LEAST_EXPECTED = 5;

/** A split that chance brings about less often than this did not come out as configured. */
const SPLIT_SIGNIFICANCE = 0.01;

/** The share of `count` in `total` with Wilson's interval, which holds for few and for extreme shares too. */
export function shareEstimate(count: number, total: number): Estimate {
  if (total === 0) return { value: null, low: null, high: null };
  const share = count / total;
  const scale = 1 + Z ** 2 / total;
  const middle = (share + Z ** 2 / (2 * total)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / total + Z ** 2 / (4 * total ** 2));
  return { value: share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** The mean of values that are 0 or more, with Student's interval. */
export function meanEstimate({ count, sum, squares }: Moments): Estimate {
  if (count === 0) return { value: null, low: null, high: null };
  const value = sum / count;
  if (count < LEAST_FOR_MEAN) return { value, low: null, high: null };
  const variance = Math.max(0, (squares - sum * value) / (count - 1));
  const half = studentT(count - 1) * Math.sqrt(variance / count);
  return { value, low: Math.max(0, value - half), high: value + half };
}

/** Whether counts came out in the ratio of weights (Pearson's chi-square test); of kinds that have a weight. */
export function splitTest(kinds: readonly { readonly count: number; readonly weight: number }[]): {
  readonly asConfigured: boolean | null;
  readonly pValue: number | null;
} {
  const tested = kinds.filter(({ weight }) => weight > 0);
  const total = tested.reduce((sum, { count }) => sum + count, 0);
  const weights = tested.reduce((sum, { weight }) => sum + weight, 0);
  const expected = tested.map(({ weight }) => (total * weight) / weights);
  if (tested.length < 2 || expected.some((count) => count < LEAST_EXPECTED)) return { asConfigured: null, pValue: null };
  const chiSquare = tested.reduce((sum, { count }, index) => sum + (count - (expected[index] ?? 0)) ** 2 / (expected[index] ?? 1), 0);
  const pValue = chiSquarePValue(chiSquare, tested.length - 1);
  return { asConfigured: pValue >= SPLIT_SIGNIFICANCE, pValue };
}

/** How likely chance alone makes a chi-square at least this great: 1 - P(k/2, x/2) by the power series of the incomplete gamma function. */
export function chiSquarePValue(chiSquare: number, degreesOfFreedom: number): number {
  const a = degreesOfFreedom / 2;
  const x = chiSquare / 2;
  if (x <= 0) return 1;
  // e^-x would be too small for a number.
  if (x > 700) return 0;
  // Γ(a + 1) of a whole or half a, by Γ(z + 1) = z Γ(z) from Γ(1) = 1 or Γ(1/2) = √π.
  let logGamma = Number.isInteger(a) ? 0 : Math.log(Math.PI) / 2;
  for (let z = a; z > 0; z -= 1) logGamma += Math.log(z);
  let term = Math.exp(a * Math.log(x) - x - logGamma);
  let sum = 0;
  for (let n = 1; n <= 2 * x + 100; n += 1) {
    sum += term;
    term *= x / (a + n);
  }
  return Math.min(1, Math.max(0, 1 - sum));
}

/** Student's 97.5 % point by Cornish and Fisher's expansion (Abramowitz and Stegun 26.7.5); right within 0.3 % from 4 degrees on. */
function studentT(degrees: number): number {
  const z2 = Z * Z;
  const first = (z2 + 1) / 4;
  const second = ((5 * z2 + 16) * z2 + 3) / 96;
  const third = (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
  return Z * (1 + first / degrees + second / degrees ** 2 + third / degrees ** 3);
}
