/** The one thing commands throw: a foreseen end, already worded for the terminal. */
export class CommandFailure extends Error {
  /** 1: a problem was found; 2: wrong usage. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = "CommandFailure";
    this.exitCode = exitCode;
  }
}
