import { useEffect, useRef, useState } from "react";
import type { TraceRecord } from "../../api/answers.ts";

/** How often what came is shown, ms: often enough to look live, seldom enough to stay readable and cheap. */
const SHOW_EVERY_MS = 500;

/** Traces shown at most each time; of more, the newest. Ten a second are as many as an eye follows. */
const SHOWN_EACH_TIME = 5;

/** Traces kept in the live list. */
const KEPT = 200;

/** How long to wait before connecting again, ms. */
const RECONNECT_MS = 2_000;

/** Every so many messages the gateway is told that this side keeps up: it stops at 500 to one that does not. */
const TOLD_EVERY = 100;

/** What has come since the live view was switched on. */
export interface Live {
  readonly state: "off" | "connecting" | "open" | "failed";
  /** Newest first. */
  readonly traces: readonly TraceRecord[];
  readonly arrived: number;
  /** Of these, left out of the list, here or by the gateway. */
  readonly left: number;
  /** Traces in the last second shown. */
  readonly perSecond: number;
}

const NOTHING: Live = { state: "off", traces: [], arrived: 0, left: 0, perSecond: 0 };

/** Follows traces as they close. `search`: the filters, as a query string; `undefined`: do not follow. */
export function useLive(search: string | undefined): Live {
  const [live, setLive] = useState<Live>(NOTHING);
  const waiting = useRef<Arrivals>({ traces: [], dropped: 0 });
  useEffect(() => {
    setLive({ ...NOTHING, state: search === undefined ? "off" : "connecting" });
    waiting.current = { traces: [], dropped: 0 };
    if (search === undefined) return undefined;
    const disconnect = connect(search, {
      onMessage: (message) => {
        const { traces } = waiting.current;
        if ("trace" in message) traces.push(message.trace);
        else waiting.current.dropped += message.dropped;
        if (traces.length <= SHOWN_EACH_TIME) return;
        // In a window that nobody sees the timer rests, and what comes must not pile up.
        traces.shift();
        waiting.current.dropped += 1;
      },
      onState: (state) => setLive((before) => ({ ...before, state })),
    });
    const timer = setInterval(() => {
      const came = waiting.current;
      waiting.current = { traces: [], dropped: 0 };
      setLive((before) => withArrivals(before, came));
    }, SHOW_EVERY_MS);
    return () => {
      clearInterval(timer);
      disconnect();
    };
  }, [search]);
  return live;
}

/** The live view after `came` arrived within one interval: all where they are few, else the newest. */
export function withArrivals(before: Live, { traces: came, dropped }: Arrivals): Live {
  const arrived = came.length + dropped;
  if (arrived === 0) return before.perSecond === 0 ? before : { ...before, perSecond: 0 };
  const shown = came.slice(-SHOWN_EACH_TIME).toReversed();
  return {
    state: before.state,
    traces: [...shown, ...before.traces].slice(0, KEPT),
    arrived: before.arrived + arrived,
    left: before.left + arrived - shown.length,
    perSecond: Math.round(arrived / (SHOW_EVERY_MS / 1000)),
  };
}

/** What came within one interval: traces, and how many more the gateway left out. */
export interface Arrivals {
  readonly traces: TraceRecord[];
  dropped: number;
}

type Message = { readonly trace: TraceRecord } | { readonly dropped: number };

interface Listener {
  readonly onMessage: (message: Message) => void;
  readonly onState: (state: Live["state"]) => void;
}

/** Keeps a connection until it is told to end it; one that breaks is made again. */
function connect(search: string, { onMessage, onState }: Listener): () => void {
  let isEnded = false;
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    let told = 0;
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/traces/live${search}`);
    socket.addEventListener("open", () => onState("open"));
    socket.addEventListener("message", ({ data }) => {
      const message = messageOf(data);
      if (message !== undefined) onMessage(message);
      told += 1;
      if (told % TOLD_EVERY === 0) socket?.send("on");
    });
    socket.addEventListener("close", () => {
      if (isEnded) return;
      onState("failed");
      timer = setTimeout(open, RECONNECT_MS);
    });
  };
  open();
  return () => {
    isEnded = true;
    clearTimeout(timer);
    socket?.close();
  };
}

/** `undefined`: a message of another kind. */
function messageOf(data: unknown): Message | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const message = JSON.parse(data) as Partial<{ trace: TraceRecord; dropped: number }> | null;
    if (message?.trace !== undefined) return { trace: message.trace };
    return typeof message?.dropped === "number" ? { dropped: message.dropped } : undefined;
  } catch {
    return undefined;
  }
}
