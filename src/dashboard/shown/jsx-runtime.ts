import { Fragment, jsx as element, jsxs as elements, type JSX } from "react/jsx-runtime";
import { seen } from "./unseen.ts";

/**
 * React's own, but that no text of an element holds what is not seen: callers choose the names that these pages show. Whatever a page is made of comes
 * through here, so no page has to think of it. What is copied, downloaded or sent is no text of an element, and stays as it is.
 */
export { Fragment, type JSX };

/** Properties that are read by people. */
const WORDED = ["children", "title", "label", "aria-label"] as const;

/** As the compiler calls it for an element with one child, or none. */
export function jsx(type: React.ElementType, properties: object, key?: React.Key): React.JSX.Element {
  return element(type, withSeen(properties), key);
}

/** As the compiler calls it for an element with several children. */
export function jsxs(type: React.ElementType, properties: object, key?: React.Key): React.JSX.Element {
  return elements(type, withSeen(properties), key);
}

function withSeen(properties: object): object {
  let shown: Record<string, unknown> | undefined;
  for (const name of WORDED) {
    const value: unknown = Reflect.get(properties, name);
    const clean = Array.isArray(value) ? value.map(clear) : clear(value);
    if (Array.isArray(value) && Array.isArray(clean) ? clean.some((each, at) => each !== value[at]) : clean !== value)
      (shown ??= { ...properties })[name] = clean;
  }
  return shown ?? properties;
}

function clear(value: unknown): unknown {
  return typeof value === "string" ? seen(value) : value;
}
