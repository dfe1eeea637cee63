import type { ErrorFacts } from "./error-answer.ts";

/** A body the path cannot be answered from; becomes an error answer in the path's dialect. */
export class Refusal extends Error {
  readonly facts: ErrorFacts;

  constructor(facts: ErrorFacts) {
    super(facts.message);
    this.facts = facts;
  }

  /** A member that has to be there is not. */
  static missing(param: string): Refusal {
    return new Refusal({ status: 400, message: `Missing required parameter: '${param}'.`, param, code: "missing_required_parameter" });
  }

  /** A member holds what it may not. */
  static invalid(param: string, message: string): Refusal {
    return new Refusal({ status: 400, message, param, code: "invalid_value" });
  }
}
