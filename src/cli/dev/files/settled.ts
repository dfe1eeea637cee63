/** How often what was edited is read again, ms. */
export const SETTLE_POLL_MS = 50;

/** What may be half of a file is taken for what is meant after so long without a change, ms. Programs that empty a file and then write it take less. */
export const SETTLE_MS = 1000;

/** How a file that was edited is read. */
export interface SettleOptions<Content> {
  readonly read: () => Promise<Content>;
  /** Whether nothing is missing. */
  readonly isWhole: (content: Content) => boolean;
  readonly wait: (ms: number) => Promise<void>;
}

/**
 * An edited file, once two reads agree; or, where something seems to be missing, once it has stood still for a second: editors and `git checkout` empty a file
 * before they write it, and half of a file may well be a file.
 */
export async function settled<Content>({ read, isWhole, wait }: SettleOptions<Content>): Promise<Content> {
  let content = await read();
  for (let stillMs = 0; stillMs < (isWhole(content) ? SETTLE_POLL_MS : SETTLE_MS);) {
    await wait(SETTLE_POLL_MS);
    const next = await read();
    stillMs = JSON.stringify(next) === JSON.stringify(content) ? stillMs + SETTLE_POLL_MS : 0;
    content = next;
  }
  return content;
}
