import { formatKeyPath, type KeyPath } from "./key-path.ts";
import { locator } from "./locate.ts";
import type { Problem } from "./problem.ts";

interface Finding {
  readonly severity: Problem["severity"];
  readonly path: KeyPath;
  readonly message: string;
}

/**
 * Everything wrong with one file, gathered while it is compiled. A key of the wrong shape is left out of what the later checks see, so a
 * complaint that a key is *absent* is dropped where that key was left out: it would only repeat the first one.
 */
export class Findings {
  readonly #found: Finding[] = [];
  readonly #leftOut: KeyPath[] = [];

  /** Something that is there is wrong. */
  wrong(path: KeyPath, message: string): void {
    this.#found.push({ severity: "error", path, message });
  }

  /** A key has the wrong shape or name and is left out of what follows; `meant` is the key it stands for. */
  misshapen(path: KeyPath, meant: KeyPath, message: string): void {
    this.wrong(path, message);
    this.#leftOut.push(meant);
  }

  /** One of `keys` is needed in the table at `path`, and none is there. */
  absent(path: KeyPath, keys: readonly string[], message: string): void {
    if (!keys.some((key) => this.isMisshapen([...path, key]))) this.wrong(path, message);
  }

  /** Works, but probably not as meant. */
  warn(path: KeyPath, message: string): void {
    this.#found.push({ severity: "warning", path, message });
  }

  /** Whether this key, or one inside it, was left out. */
  isMisshapen(path: KeyPath): boolean {
    return this.#leftOut.some((out) => path.every((part, index) => out[index] === part));
  }

  /** Whether some provider's list of models is not whole, so that any model may be listed after all. */
  get lacksModels(): boolean {
    return this.#leftOut.some(([table, id, key]) => table === "providers" && (id === undefined || key === undefined || key === "models"));
  }

  /** Whether something is wrong, not only doubtful. */
  get areErrors(): boolean {
    return this.#found.some(({ severity }) => severity === "error");
  }

  /** In the order of the file, errors and warnings together. */
  problems(toml: string): readonly Problem[] {
    if (this.#found.length === 0) return [];
    const locate = locator(toml);
    const placed = this.#found.map(({ severity, path, message }) => ({ severity, path, message, place: locate(path) }));
    placed.sort(
      (left, right) => (left.place?.line ?? 0) - (right.place?.line ?? 0) || (left.place?.column ?? 0) - (right.place?.column ?? 0),
    );
    return placed.map(({ severity, path, message, place }) => ({
      severity,
      path: formatKeyPath(path),
      line: place?.line ?? null,
      column: place?.column ?? null,
      message,
    }));
  }
}
