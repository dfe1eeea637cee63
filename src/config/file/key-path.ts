/** The way to a key: table and key names, and positions in arrays. */
export type KeyPath = readonly (string | number)[];

/** A key that TOML takes without quotes. */
const BARE_KEY = /^[A-Za-z0-9_-]+$/;

/** Longest name that is shown whole: that of a model. A path is told with each problem inside it. */
const SHOWN_CHARACTERS = 256;

/** `["models", "o3", "price"]` is `models."o3".price`, `["routes", "a", "targets", 1]` is `routes.a.targets[1]`. Models' names are always quoted. */
export function formatKeyPath(path: KeyPath): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      const isModel = index === 1 && path[0] === "models";
      const shown = part.length > SHOWN_CHARACTERS ? `${part.slice(0, SHOWN_CHARACTERS)}…` : part;
      const text = BARE_KEY.test(shown) && !isModel ? shown : JSON.stringify(shown);
      return index === 0 ? text : `.${text}`;
    })
    .join("");
}
