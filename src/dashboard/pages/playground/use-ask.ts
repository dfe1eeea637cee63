import { useRef, useState } from "react";
import { errorOf, Refusal, Unreachable } from "../../api/client.ts";
import type { ChatBody } from "./request.ts";
import { contentsOf } from "./sse.ts";

/** What has come of a question so far. */
export interface Answering {
  readonly state: "running" | "done" | "failed" | "stopped";
  readonly text: string;
  readonly headers: Headers | undefined;
  readonly error: Error | undefined;
  /** From the question to the first content and to the end, ms. */
  readonly firstMs: number | undefined;
  readonly totalMs: number | undefined;
}

type Ask = (body: ChatBody, caller: { readonly key: string; readonly project: string | undefined }) => void;

const BEGUN: Answering = { state: "running", text: "", headers: undefined, error: undefined, firstMs: undefined, totalMs: undefined };

/** The answer to the last question, what asks another, and what stops it. */
export function useAsk(): readonly [answering: Answering | undefined, ask: Ask, stop: () => void] {
  const [answering, setAnswering] = useState<Answering>();
  const running = useRef<AbortController>(null);
  const ask: Ask = (body, { key, project }) => {
    running.current?.abort();
    const aborting = new AbortController();
    running.current = aborting;
    setAnswering(BEGUN);
    const update = (change: Partial<Answering>): void => {
      if (running.current === aborting) setAnswering((before) => ({ ...(before ?? BEGUN), ...change }));
    };
    const headers = {
      "content-type": "application/json",
      ...(key === "" ? {} : { "x-to11-authorization": `Bearer ${key}` }),
      ...(project === undefined ? {} : { "x-to11-project-id": project }),
    };
    const request = { method: "POST", headers, body: JSON.stringify(body), signal: aborting.signal };
    follow(request, update).catch((error: unknown) => {
      if (aborting.signal.aborted) update({ state: "stopped" });
      else update({ state: "failed", error: error instanceof Error ? error : new Unreachable() });
    });
  };
  return [answering, ask, () => running.current?.abort()];
}

async function follow(request: RequestInit, update: (change: Partial<Answering>) => void): Promise<void> {
  const startMs = performance.now();
  const response = await fetch("/v1/chat/completions", request).catch((error: unknown) => {
    throw error instanceof TypeError ? new Unreachable() : error;
  });
  update({ headers: response.headers });
  if (!response.ok || response.body === null) throw new Refusal(response, await errorOf(response));
  let text = "";
  let firstMs: number | undefined;
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  for await (const content of isStream ? contentsOf(response.body) : wholeOf(response)) {
    firstMs ??= performance.now() - startMs;
    text += content;
    update({ text, firstMs });
  }
  update({ state: "done", totalMs: performance.now() - startMs });
}

async function* wholeOf(response: Response): AsyncGenerator<string> {
  const answer = (await response.json()) as { readonly choices?: readonly { readonly message?: { readonly content?: string | null } }[] };
  yield answer.choices?.[0]?.message?.content ?? "";
}
