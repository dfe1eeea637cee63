/** Where an upstream wants the key. `header`: `name: prefix + key`. `query`: `?name=key`. */
export type AuthForm =
  | { readonly place: "header"; readonly name: string; readonly prefix: string }
  | { readonly place: "query"; readonly name: string }
  | { readonly place: "none" };

/**
 * One way an upstream is spoken to: the `type` of a provider in routes.toml. Declared data that compilation asks; nothing else in the code may
 * name a provider. A new one is a file (or a row of `providers/known.ts`) and a line in `providers/index.ts`.
 */
export interface ProviderType {
  readonly id: string;
  /** The public address, version path included (`"https://api.openai.com/v1"`); `undefined`: every account has its own, so `base_url` is required. */
  readonly baseUrl: string | undefined;
  /** An example for the message that asks for a `base_url`. */
  readonly baseUrlExample?: string;
  /**
   * The paths it answers, as the gateway's callers name them (`"/v1/chat/completions"`). Of its dialects the first is the one that calls of another dialect are
   * put to.
   */
  readonly speaks: readonly string[];
  /** The same for servers of this type at other addresses than `baseUrl`; left out: as `speaks`. */
  readonly copiesSpeak?: readonly string[];
  /**
   * What else its API has that names no model, by the beginnings of paths behind `/v1/` (`"files"`, and so `/v1/files/file-1`): where callers may leave out
   * which provider they mean. Left out: nothing.
   */
  readonly others?: readonly string[];
  /** How the key is sent on a path, also on those that it is not said to speak. */
  auth(path: string): AuthForm;
  /** Headers that every call on a path, whichever, carries unless routes.toml or the caller sets them (`anthropic-version`). */
  headers(path: string): Readonly<Record<string, string>>;
  /** What OpenTelemetry's conventions call it, where that is not its id. */
  readonly otelName?: string;
  /** Whether it takes `stream_options.include_usage`. */
  readonly streamUsage: boolean;
}
