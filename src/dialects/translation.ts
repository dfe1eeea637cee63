import type { Endpoint, UpstreamError } from "../core/endpoint.ts";
import { writeForeign } from "../core/json/foreign-json.ts";
import type { JsonMember } from "../core/json/json-members.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { SseEvent } from "../core/stream/sse.ts";
import type {
  StreamTranslator,
  TranslatableAsk,
  TranslatedAsk,
  Translation,
  TranslationTarget,
  Untranslatable,
} from "../core/translation.ts";
import type { AnswerEvent } from "./answer-event.ts";
import { ChangeBack } from "./change-back.ts";
import type { Ask } from "./conversation.ts";
import type { AnswerReader, AnswerWriter, Dialect, UpstreamDialect } from "./dialect.ts";
import { UPSTREAM_DIALECTS } from "./index.ts";
import { toldError } from "./told-error.ts";
import { judge } from "./losses.ts";
import { Order, wholeAnswer } from "./order.ts";
import type { OrderedEvent } from "./ordered-event.ts";

const encoder = new TextEncoder();

/** How calls of one dialect are put to upstreams of another, whose answers are judged by `endpoint`. */
export function translationOf(from: Dialect, to: UpstreamDialect, endpoint: Endpoint): Translation {
  return {
    from: from.id,
    to: to.id,
    endpoint,
    address: (url, called) => to.address?.(url, called) ?? url,
    readAsk(members: readonly JsonMember[]) {
      const read = from.readAsk(members);
      return read.ok ? ok(new ReadAsk(read.value)) : read;
    },
    stream: (given) => new Translator(to.reader(), new ChangeBack(given.changed), from.writer(given)),
    whole(answer, given) {
      const events = changedBack(new ChangeBack(given.changed), to.reader().readWhole(answer));
      if (given.wanted === "whole") return JSON.stringify(from.writeWhole(wholeAnswer(events), given));
      const order = new Order();
      const writer = from.writer(given);
      return written(writer, [...events.flatMap((event) => order.take(event)), ...order.end()]);
    },
    refusal: (error, { contextTooLong }) => toldError(error, contextTooLong ? "too_long" : "other", from.errors),
  };
}

class ReadAsk implements TranslatableAsk {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  write(to: string, target: TranslationTarget, losses: "told" | "refused"): Result<TranslatedAsk, readonly Untranslatable[]> {
    const dialect = UPSTREAM_DIALECTS.get(to);
    if (dialect === undefined) throw new Error(`there is no dialect ${to}`);
    const { refused, dropped } = judge(this.#ask, dialect.id, losses);
    if (refused.length > 0) return fail(refused);
    const written = dialect.writeAsk(this.#ask, target);
    if (!written.ok) return fail([written.error]);
    const { body, adapted, changed } = written.value;
    const text = writeForeign(body);
    if (text === undefined)
      return fail([{ param: "", message: "something in the request is nested too deep to be put in other words; flatten it" }]);
    return ok({ body: encoder.encode(text), losses: [...dropped, ...adapted], changed });
  }
}

class Translator implements StreamTranslator {
  readonly #reader: AnswerReader;
  readonly #changeBack: ChangeBack;
  readonly #order = new Order();
  readonly #writer: AnswerWriter;
  /** What its reader alone saw go wrong: the answer does not end as a whole one. */
  #failure: UpstreamError | undefined;

  constructor(reader: AnswerReader, changeBack: ChangeBack, writer: AnswerWriter) {
    this.#reader = reader;
    this.#changeBack = changeBack;
    this.#writer = writer;
  }

  take(event: SseEvent): string {
    let text = "";
    for (const read of this.#reader.readEvent(event)) {
      if (read.kind === "fail") this.#failure ??= read.error;
      for (const said of this.#changeBack.take(read)) text += written(this.#writer, this.#order.take(said));
    }
    return text;
  }

  end(): string {
    if (this.#failure !== undefined)
      return this.fail({ code: this.#failure.code ?? "upstream_invalid_response", message: this.#failure.message });
    let text = "";
    for (const said of this.#changeBack.end()) text += written(this.#writer, this.#order.take(said));
    return text + written(this.#writer, this.#order.end());
  }

  fail(error: { readonly code: string; readonly message: string }): string {
    return this.#writer.fail(error);
  }
}

function changedBack(changeBack: ChangeBack, events: readonly AnswerEvent[]): readonly AnswerEvent[] {
  return [...events.flatMap((event) => changeBack.take(event)), ...changeBack.end()];
}

function written(writer: AnswerWriter, events: readonly OrderedEvent[]): string {
  let text = "";
  for (const event of events) text += writer.write(event);
  return text;
}
