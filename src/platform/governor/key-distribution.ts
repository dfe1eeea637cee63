import type { Env } from "../env.ts";
import { readRecord, recordKey, writeRecord } from "./key-record.ts";
import type { KeyTable } from "./key-table.ts";

/** Least and longest wait before KV is written again, ms; each failure in a row doubles it. KV takes one write of a key a second. */
const SHORTEST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 300_000;

/** Keeps KV as the governor's table is. */
export class KeyDistribution {
  readonly #keys: KeyTable;
  readonly #kv: Env["CONFIG"];
  readonly #storage: Pick<DurableObjectStorage, "setAlarm" | "deleteAlarm">;
  /** One write after the other: an older record must not land after a newer one. */
  #writing: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #adoption: Promise<void> | undefined;

  constructor(keys: KeyTable, kv: Env["CONFIG"], storage: Pick<DurableObjectStorage, "setAlarm" | "deleteAlarm">) {
    this.#keys = keys;
    this.#kv = kv;
    this.#storage = storage;
  }

  /**
   * Takes over the keys that stand in KV, where this object has none: another `[traces].jurisdiction` means another object, and keys that no governor
   * knows could not be revoked. Once as long as the object lives. @throws Error of KV.
   */
  adopt(project: string): Promise<void> {
    if (this.#adoption !== undefined) return this.#adoption;
    const adoption = this.#keys.exist() ? Promise.resolve() : this.#readAll(project);
    this.#adoption = adoption;
    adoption.catch(() => (this.#adoption = undefined));
    return adoption;
  }

  async #readAll(project: string): Promise<void> {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page: KVNamespaceListResult<unknown> = await this.#kv.list({
        prefix: recordKey(project, ""),
        ...(cursor === undefined ? {} : { cursor }),
      });
      names.push(...page.keys.map(({ name }) => name));
      cursor = page.list_complete ? undefined : page.cursor;
    } while (cursor !== undefined);
    const records = await Promise.all(names.map((name) => this.#kv.get(name, "text")));
    for (const record of records) {
      const key = record === null ? undefined : readRecord(record);
      if (key !== undefined) this.#keys.keep(project, key, "has_it");
    }
  }

  /** Writes what KV has not, and sees to it that this is done should the object stop in between. */
  async begin(): Promise<void> {
    await this.#storage.setAlarm(Date.now() + SHORTEST_RETRY_MS);
    await this.goOn();
  }

  /** Writes what KV has not; where it fails, the alarm goes on. Never rejects. */
  goOn(): Promise<void> {
    const turn = this.#writing.then(() => this.#writeAll());
    this.#writing = turn;
    return turn;
  }

  async #writeAll(): Promise<void> {
    for (let next = this.#keys.toWrite(); next !== undefined; next = this.#keys.toWrite()) {
      const { project, key } = next;
      try {
        await this.#kv.put(recordKey(project, key.id), writeRecord(key));
      } catch (error) {
        this.#failures += 1;
        const waitMs = Math.min(SHORTEST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS);
        console.error("a key's record could not be written to KV and will be again", { project, key: key.id, error: String(error) });
        await this.#storage.setAlarm(Date.now() + waitMs);
        return;
      }
      this.#keys.markWritten(key);
    }
    this.#failures = 0;
    await this.#storage.deleteAlarm();
  }
}
