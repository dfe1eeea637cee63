/** Bits per term and hashes per term: a term that is not there seems to be in about one summary of a hundred (Bloom 1970). */
const BITS_PER_TERM = 10;
const HASHES = 7;

/** FNV's offset basis and prime, 32 bits (RFC 9923), and another basis for the second hash. */
const BASIS = 0x811c9dc5;
const OTHER_BASIS = 0x1b873593;
const PRIME = 0x01000193;

/** A Bloom filter of terms: small, and never wrong when it says that a term is not there. */
export function summaryOf(terms: ReadonlySet<string>): Uint8Array {
  const summary = new Uint8Array(Math.ceil((terms.size * BITS_PER_TERM) / 8));
  for (const term of terms) {
    everyBit(term, summary, (bit) => {
      summary[bit >> 3] = (summary[bit >> 3] ?? 0) | (1 << (bit & 7));
      return true;
    });
  }
  return summary;
}

/** Whether a term may be among those of a summary. */
export function mayHold(summary: Uint8Array, term: string): boolean {
  return everyBit(term, summary, (bit) => ((summary[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0);
}

/** Whether `passes` is true of each of a term's bits; asked up to the first of which it is not. Two hashes make all seven (Kirsch and Mitzenmacher 2006). */
function everyBit(term: string, { length }: Uint8Array, passes: (bit: number) => boolean): boolean {
  const start = hash32(term, BASIS);
  const stride = hash32(term, OTHER_BASIS) | 1;
  const bits = Math.max(1, length * 8);
  for (let index = 0; index < HASHES; index += 1) if (!passes(((start + Math.imul(index, stride)) >>> 0) % bits)) return false;
  return true;
}

/** FNV-1a over UTF-16 code units, then the finalizer of MurmurHash3. */
function hash32(text: string, basis: number): number {
  let hash = basis;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), PRIME);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
