/** What the Worker imports as `#bundled-config`. */
export interface BundledModule {
  readonly document: string;
  readonly version: string;
  /** When the deploy was built, ms since the epoch: whether its file is newer than what is published. `null`: it is published anyway. */
  readonly builtAtMs: number | null;
}

/** The module's text. */
export function bundledModule({ document, version, builtAtMs }: BundledModule): string {
  return Object.entries({ document, version, builtAtMs })
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`)
    .join("");
}

/** The module's types. */
export const BUNDLED_DECLARATION = Object.entries({ document: "string", version: "string", builtAtMs: "number | null" })
  .map(([name, type]) => `export declare const ${name}: ${type};\n`)
  .join("");
