/** How many edits a typing mistake may need: one in three letters, at least one. */
const LETTERS_PER_EDIT = 3;

/** How much of a name must be there, its beginning or its end, for the rest to be taken as left out. */
const LEAST_PART = 3;

/** Longer texts are nobody's typing mistake, and comparing them with every name would cost more than it tells. */
const LONGEST_TYPED = 64;

/** What searching may still cost, in pairs of letters that are compared: used up search by search, however many names and misspellings there are. */
export interface Effort {
  pairs: number;
}

/** One search by itself: some ms at most, and enough for thousands of names. */
const ONE_SEARCH_PAIRS = 500_000;

/**
 * The name that was probably meant by `typed`: a few edits away, whatever the case, or a part of it left out; `undefined` where there is none among those
 * looked at.
 */
export function nearest(typed: string, names: Iterable<string>, effort: Effort = { pairs: ONE_SEARCH_PAIRS }): string | undefined {
  if (typed.length > LONGEST_TYPED) return undefined;
  const small = typed.toLowerCase();
  let best: string | undefined;
  let whole: string | undefined;
  // Replacing every letter is no typing mistake.
  let least = Math.min(Math.max(1, Math.floor(typed.length / LETTERS_PER_EDIT)) + 1, typed.length);
  for (const name of names) {
    effort.pairs -= 1;
    if (effort.pairs < 0) break;
    if (name === typed) continue;
    if (whole === undefined && typed.length >= LEAST_PART && (name.startsWith(typed) || name.endsWith(typed))) whole = name;
    if (Math.abs(name.length - typed.length) >= least) continue;
    effort.pairs -= typed.length * name.length;
    const distance = editDistance(small, name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  return best ?? whole;
}

/** `; did you mean "weighted"?`, or nothing. */
export function didYouMean(typed: string, names: Iterable<string>, effort?: Effort): string {
  const name = nearest(typed, names, effort);
  return name === undefined ? "" : `; did you mean "${name}"?`;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
export function editDistance(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1];
      const swapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      current[j] = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    [before, previous] = [previous, current];
  }
  return previous[right.length] ?? 0;
}
