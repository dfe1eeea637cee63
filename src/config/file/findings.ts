import { didYouMean, nearest } from "../../core/nearest.ts";
import { formatKeyPath, type KeyPath } from "./key-path.ts";
import { withoutLiteralKeys } from "../../core/secrets/literal-key.ts";
import { locator } from "./locate.ts";
import type { Problem } from "./problem.ts";
import type { Place } from "./toml-text.ts";

/** As many problems as anybody reads; of more their number is told. */
const TOLD_PROBLEMS = 100;

/** Longest message, characters: it may quote the file. */
const MESSAGE_CHARACTERS = 1_000;

/** What the search for names that were meant may cost for one file, in pairs of letters: some tenths of a second. */
const SEARCH_PAIRS = 2_000_000;

interface Finding {
  readonly severity: Problem["severity"];
  readonly path: KeyPath;
  readonly message: string;
  /** Where it stands; left out: where its path does. */
  readonly place?: Place;
}

/** The keys that were left out, as a tree of their paths. */
type LeftOut = Map<string | number, LeftOut>;

/**
 * Everything wrong with one file, gathered while it is compiled. A key of the wrong shape is left out of what the later checks see, so a
 * complaint that a key is *absent* is dropped where that key was left out: it would only repeat the first one.
 */
export class Findings {
  readonly #found: Finding[] = [];
  readonly #leftOut: LeftOut = new Map();
  readonly #effort = { pairs: SEARCH_PAIRS };
  #lacksModels = false;
  #areErrors = false;

  /** Something that is there is wrong. */
  wrong(path: KeyPath, message: string): void {
    this.#fail({ path, message });
  }

  /** Something that is there is wrong and has no path, such as a comment. */
  wrongAt(place: Place, message: string): void {
    this.#fail({ path: [], message, place });
  }

  #fail(finding: Omit<Finding, "severity">): void {
    this.#areErrors = true;
    this.#found.push({ severity: "error", ...finding });
  }

  /** The keys of which that is said, as TOML writes them. */
  keysTold(words: string): ReadonlySet<string> {
    return new Set(this.#found.flatMap(({ path, message }) => (message.includes(words) ? [formatKeyPath(path)] : [])));
  }

  /** A key has the wrong shape or name and is left out of what follows; `meant` is the key it stands for. */
  misshapen(path: KeyPath, meant: KeyPath, message: string): void {
    this.wrong(path, message);
    const [table, id, key] = meant;
    if (table === "providers" && (id === undefined || key === undefined || key === "models")) this.#lacksModels = true;
    let at = this.#leftOut;
    for (const part of meant) {
      const inner: LeftOut = at.get(part) ?? new Map();
      at.set(part, inner);
      at = inner;
    }
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
    let at: LeftOut | undefined = this.#leftOut;
    for (const part of path) at = at?.get(part);
    return at !== undefined;
  }

  /** The name that was probably meant: however many ask, the file is compiled in time. */
  nearest(typed: string, names: Iterable<string>): string | undefined {
    return nearest(typed, names, this.#effort);
  }

  /** `; did you mean "weighted"?`, or nothing. */
  meant(typed: string, names: Iterable<string>): string {
    return didYouMean(typed, names, this.#effort);
  }

  /** Whether some provider's list of models is not whole, so that any model may be listed after all. */
  get lacksModels(): boolean {
    return this.#lacksModels;
  }

  /** Whether something is wrong, not only doubtful. */
  get areErrors(): boolean {
    return this.#areErrors;
  }

  /** In the order of the file, errors and warnings together; where there are too many, errors rather than warnings, and how many more there are. */
  problems(toml: string): readonly Problem[] {
    if (this.#found.length === 0) return [];
    const locate = locator(toml);
    const placed = this.#found.map((finding) => ({ ...finding, place: finding.place ?? locate(finding.path) ?? { line: 0, column: 0 } }));
    placed.sort((left, right) => left.place.line - right.place.line || left.place.column - right.place.column);
    const first = [...placed.filter(({ severity }) => severity === "error"), ...placed.filter(({ severity }) => severity === "warning")];
    const told = new Set(first.slice(0, TOLD_PROBLEMS));
    const problems = placed
      .filter((finding) => told.has(finding))
      .map(({ severity, path, message, place }): Problem => ({
        severity,
        // A name may be a key, and a message may quote a value.
        path: withoutLiteralKeys(formatKeyPath(path)),
        line: place.line === 0 ? null : place.line,
        column: place.line === 0 ? null : place.column,
        message: shortened(withoutLiteralKeys(message)),
      }));
    const more = first[TOLD_PROBLEMS];
    return more === undefined ? problems : [...problems, andMore(more.severity, first.length - TOLD_PROBLEMS)];
  }
}

function shortened(message: string): string {
  return message.length > MESSAGE_CHARACTERS ? `${message.slice(0, MESSAGE_CHARACTERS)}…` : message;
}

function andMore(severity: Problem["severity"], count: number): Problem {
  return { severity, path: "", line: null, column: null, message: `and ${count} more, not listed` };
}
