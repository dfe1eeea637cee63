/** One thing wrong with a routes.toml: where, what, and what would be right. Never holds a secret's value. */
export interface Problem {
  readonly severity: "error" | "warning";
  /** The key's path as TOML writes it: `routes.balanced.targets[1]`, `models."o3".price`; `""` for the file as a whole. */
  readonly path: string;
  /** 1-based; `null` where there is no place in the file (a missing variable). */
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
}

/** `routes.toml:12:3 error routes.balanced.targets[1]: …` */
export function formatProblem(problem: Problem, file: string): string {
  const place = problem.line === null ? file : `${file}:${problem.line}:${problem.column ?? 1}`;
  const subject = problem.path === "" ? "" : `${problem.path}: `;
  return `${place} ${problem.severity} ${subject}${problem.message}`;
}
