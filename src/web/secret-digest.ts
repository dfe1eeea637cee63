import { base64url } from "../core/bytes.ts";

/** SHA-256 of a secret, which stands for it wherever secrets are compared. */
export async function digestOf(secret: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret)));
}

/** Whether two digests are the same, compared to their last byte: how long it takes tells nothing of how far they agree. */
export function equalDigests(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length;
  for (let index = 0; index < left.length; index += 1) difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  return difference === 0;
}

/** Whether two secrets are the same, by their digests. */
export async function equalSecrets(left: string, right: string): Promise<boolean> {
  const [first, second] = await Promise.all([digestOf(left), digestOf(right)]);
  return equalDigests(first, second);
}

/** The same as text, base64url: as records of issued keys hold it. */
export async function digestText(secret: string): Promise<string> {
  return base64url(await digestOf(secret));
}
