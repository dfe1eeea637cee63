import type { Candidate } from "../core/routing/routing-table.ts";

/** The sum of the weights: a draw of `[0, total)` picks one. */
export function totalWeight(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, candidate) => sum + candidate.weight, 0);
}

/** The candidate whose share of `[0, total weight)` holds `drawn`, shares laid side by side in order; weight 0 has no share. */
export function candidateAt(candidates: readonly Candidate[], drawn: number): Candidate | undefined {
  let end = 0;
  return candidates.find((candidate) => {
    end += candidate.weight;
    return drawn < end;
  });
}
