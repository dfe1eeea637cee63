import type { LeaseReport } from "./lease.ts";
import type { Amounts, LimitName } from "./limit.ts";

/** Reports that wait to be acknowledged; what happens after them is gathered in one more. */
const MOST_WAITING = 8;

/** Amounts that grow. */
export type Tally = Partial<Record<LimitName, number>>;

/** A report that is still being written. */
interface OpenReport extends Omit<LeaseReport, "id" | "recalled"> {
  readonly taken: Tally;
  readonly returned: Tally;
  readonly released: Tally;
  readonly actual: Tally;
  readonly owed: Tally;
  readonly recalled: number[];
}

/** Under what all that is reported was taken. */
type Under = Pick<LeaseReport, "epoch" | "lease" | "windows">;

/** What an isolate has to tell a meter: one report is being written, those that were sent wait to be acknowledged, unchanged. */
export class LeaseReports {
  #open: OpenReport;
  #sent: readonly LeaseReport[] = [];
  #ids = 0;

  constructor(under: Under) {
    this.#open = blank(under);
  }

  get open(): OpenReport {
    return this.#open;
  }

  /** Whether there is something that was not acknowledged yet. */
  get areNews(): boolean {
    return this.#sent.length > 0 || !isBlank(this.#open);
  }

  /** Whether nothing is left that no message has told yet. */
  get isAllSent(): boolean {
    return isBlank(this.#open);
  }

  /** All that is to be sent now. */
  send(): readonly LeaseReport[] {
    if (this.#sent.length < MOST_WAITING) this.turn(this.#open);
    return this.#sent;
  }

  /** All up to that one are counted in. */
  acknowledge(id: number): void {
    this.#sent = this.#sent.filter((report) => report.id > id);
  }

  /** What happens from now on is under something else. */
  turn({ epoch, lease, windows }: Under): void {
    if (!isBlank(this.#open)) {
      this.#ids += 1;
      this.#sent = [...this.#sent, { id: this.#ids, ...this.#open }];
    }
    this.#open = blank({ epoch, lease, windows });
  }
}

/** Adds to what was tallied. */
export function tally(into: Tally, name: LimitName, by: number): void {
  if (by !== 0) into[name] = (into[name] ?? 0) + by;
}

function blank(under: Under): OpenReport {
  return { ...under, taken: {}, returned: {}, released: {}, actual: {}, owed: {}, recalled: [] };
}

function isBlank({ taken, returned, released, actual, owed, recalled }: OpenReport): boolean {
  const areBlank = (amounts: Amounts): boolean => Object.keys(amounts).length === 0;
  return recalled.length === 0 && [taken, returned, released, actual, owed].every(areBlank);
}
