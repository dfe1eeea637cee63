import { play } from "../../src/simulator/play/play.ts";
import type { Handler, Simulator } from "../../src/simulator/index.ts";
import { type Act, GOOD, stepOf } from "./acts.ts";

/** What an upstream did for one call of a request. */
export interface Acted {
  readonly provider: string;
  readonly act: Act;
  readonly token: string;
  /** What the caller already had, where this call was to go on with it. */
  readonly said: string;
  /** The input tokens it reports if it gets that far. */
  readonly usage: number;
  /** How its answer ended on the upstream's side; `undefined`: it has not. */
  ending: "whole" | "broken" | undefined;
}

/** Upstreams that do with the calls of each request, told apart by its `user`, what was settled for it: first its first act, and so on, then all goes well. */
export class FaultyUpstream {
  readonly #acts = new Map<string, readonly Act[]>();
  readonly #acted = new Map<string, Acted[]>();

  constructor(simulator: Simulator, providers: readonly string[]) {
    for (const provider of providers) simulator.always(provider, this.#step);
  }

  /** Settles what the calls of a request get. */
  expect(user: string, acts: readonly Act[]): void {
    this.#acts.set(user, acts);
    this.#acted.set(user, []);
  }

  /** What the calls of a request got, in their order, and forgets them. */
  take(user: string): readonly Acted[] {
    const acted = this.#acted.get(user) ?? [];
    this.#acts.delete(user);
    this.#acted.delete(user);
    return acted;
  }

  readonly #step: Handler = async (call, response) => {
    const body = JSON.parse(call.body.toString()) as AskedBody;
    const acted = this.#acted.get(body.user);
    // A call for a request that is over came too late to be counted: its connection was given up meanwhile.
    if (acted === undefined || response.socket === null) return void response.destroy();
    const act = this.#acts.get(body.user)?.[acted.length] ?? GOOD;
    const last = body.messages.at(-1);
    const said = last?.role === "assistant" ? last.content : "";
    const token = `<${body.user}.${acted.length}>`;
    const usage = 1_000 + acted.length;
    const entry: Acted = { provider: call.provider, act, token, said, usage, ending: undefined };
    acted.push(entry);
    const reported = body.stream !== true || body.stream_options?.include_usage === true ? usage : undefined;
    const step = stepOf(act, { token, stream: body.stream === true, said, usage: reported });
    const gone = new AbortController();
    response.once("close", () => {
      entry.ending = response.writableFinished ? "whole" : "broken";
      gone.abort();
    });
    if (typeof step === "object" && !("fault" in step)) {
      await play(step, { response, socket: response.socket, gone: gone.signal, ends: () => undefined });
    }
  };
}

interface AskedBody {
  readonly user: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}
