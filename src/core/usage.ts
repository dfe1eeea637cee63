/** Tokens of one answer. `cached_input_tokens` is a part of `input_tokens`, `reasoning_tokens` a part of `output_tokens`. `null`: not reported. */
export interface Usage {
  readonly input_tokens: number | null;
  readonly cached_input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly reasoning_tokens: number | null;
}

/** USD per million tokens; `cached_input` defaults to `input`. */
export interface Price {
  readonly input: number;
  readonly cached_input?: number;
  readonly output: number;
}
