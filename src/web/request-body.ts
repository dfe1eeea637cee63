import { GatewayError } from "../core/gateway-error.ts";
import type { HeaderMap } from "../core/header-map.ts";
import { BodyHold, hasRoom } from "../gateway/request/body-budget.ts";
import type { CallerGone } from "../gateway/exhaustion.ts";
import { type Clock, IncomingBody } from "./incoming-body.ts";

/** Seconds after which a refused caller may expect room. */
const OVERLOADED_RETRY_AFTER_S = 1;

/** Bytes of a refused body that are read and thrown away at most: 100 MB is what Cloudflare's Free and Pro plans let in (Workers limits). */
const DISCARDED_BYTES = 100_000_000;

/** Memory that every body begins with at most, bytes: a caller who only announces one holds no more of it. */
const FIRST_BYTES = 16 * 1024;

/** A body up to here, bytes, has memory for all of it at once; a longer one when the first of it has come. */
const AT_ONCE_BYTES = 1024 * 1024;

/** Of a body up to here every byte is heard of as it comes, bytes. */
const SMALL_BYTES = 64 * 1024;

/**
 * How much of a longer one is waited for at a time: what is whole in time sends two sixteenths of itself in the 15 s after which it counts as standing still.
 * Where the last of it came quickly it is a quarter: each look at what came costs as much as a small request's whole body.
 */
const STEP_SHARE = 1 / 16;
const QUICK_STEP_SHARE = 1 / 4;
const QUICK_MS = 100;

/** A body of which so many bytes take their time is slow, however much is waited for. */
const TELLING_BYTES = 256 * 1024;

/** The largest body of somebody who has not shown a key, bytes: it holds a key to sign in with. */
const STRANGERS_BYTES = 4096;

/** A request's body in memory, counted against the isolate's budget until `release` is called. */
export interface HeldBody {
  readonly bytes: Uint8Array;
  release(): void;
}

/** The most that a body may have, and who says so. */
export interface BodyLimit {
  readonly bytes: number;
  /** `[limits].max_body_bytes in routes.toml`; left out: nobody can change it. */
  readonly setting?: string;
}

/**
 * Reads a request's body whole. What it announces is believed only where that is too much: the budget counts what has come.
 * @throws GatewayError `payload_too_large` over the limit, `overloaded` where the isolate has no room, `request_timeout` where no more comes,
 * `invalid_request` for a compressed body.
 * @throws CallerGone when the caller breaks off in the middle of it.
 */
export async function readBody(request: Request, headers: HeaderMap, limit: BodyLimit, clock: Clock): Promise<HeldBody> {
  const announced = announcedBytes(headers);
  const refusal = encodingFault(headers) ?? lengthFault(announced, limit, clock);
  if (request.body === null) {
    if (refusal !== undefined) throw refusal;
    return uncounted(new Uint8Array(0));
  }
  const incoming = new IncomingBody(request.body, clock);
  const hold = new BodyHold();
  try {
    const bytes = refusal ?? (await gather(incoming, { announced, limit, hold, clock }));
    if (bytes instanceof Uint8Array) return { bytes, release: () => hold.release() };
    hold.release();
    await discard(incoming);
    throw bytes;
  } finally {
    incoming.end();
  }
}

/**
 * Reads the body of somebody who may be a stranger: short, and without taking of the budget.
 * @throws GatewayError `payload_too_large`, `request_timeout`, `invalid_request`; CallerGone.
 */
export async function readStrangersBody(request: Request, headers: HeaderMap, clock: Clock): Promise<HeldBody> {
  const limit = { bytes: STRANGERS_BYTES };
  const announced = announcedBytes(headers) ?? 0;
  const refusal = encodingFault(headers) ?? (announced > limit.bytes ? tooLarge(announced, limit) : undefined);
  if (refusal !== undefined) throw refusal;
  if (request.body === null) return uncounted(new Uint8Array(0));
  const incoming = new IncomingBody(request.body, clock);
  try {
    let memory = new Uint8Array(STRANGERS_BYTES + 1);
    let filled = 0;
    while (filled <= STRANGERS_BYTES) {
      const chunk = await incoming.read(memory.subarray(filled), 1);
      if (chunk === "broken") throw incoming.fault;
      memory = new Uint8Array(chunk.buffer);
      if (chunk.length === 0) return uncounted(memory.subarray(0, filled));
      filled += chunk.length;
    }
    throw tooLarge(filled, limit);
  } finally {
    incoming.end();
  }
}

function uncounted(bytes: Uint8Array): HeldBody {
  return { bytes, release: () => undefined };
}

interface Gathering {
  readonly announced: number | undefined;
  readonly limit: BodyLimit;
  readonly hold: BodyHold;
  readonly clock: Clock;
}

async function gather(
  incoming: IncomingBody,
  { announced, limit, hold, clock }: Gathering,
): Promise<Uint8Array | GatewayError | CallerGone> {
  let memory = firstMemory(announced, hold);
  let filled = 0;
  let askedAtMs = clock.now();
  let share = STEP_SHARE;
  while (filled !== announced) {
    if (filled === memory.length) memory = moreMemory(memory, announced, hold);
    const free = memory.subarray(filled);
    const chunk = await incoming.read(free, Math.min(stepOf(announced ?? filled, share), free.length));
    if (chunk === "broken") return incoming.fault;
    memory = new Uint8Array(chunk.buffer);
    if (chunk.length === 0) break;
    const nowMs = clock.now();
    const isFirst = filled === 0;
    filled += chunk.length;
    if (filled > limit.bytes) return tooLarge(filled, limit);
    if (!hold.take(chunk.length, nowMs)) return overloaded();
    if (isFirst && filled !== announced) letGiveWay(incoming, hold, stepOf(announced ?? limit.bytes, STEP_SHARE));
    share = nowMs - askedAtMs < QUICK_MS ? QUICK_STEP_SHARE : STEP_SHARE;
    askedAtMs = nowMs;
  }
  hold.arrived();
  return filled === memory.length ? memory : memory.slice(0, filled);
}

function firstMemory(announced: number | undefined, hold: BodyHold): Uint8Array<ArrayBuffer> {
  const wanted = announced ?? FIRST_BYTES;
  const isForAll = wanted <= FIRST_BYTES || (wanted <= AT_ONCE_BYTES && hold.reserve(wanted));
  return new Uint8Array(isForAll ? wanted : FIRST_BYTES);
}

/** What was read, in memory for all of the body, or else for twice as much. */
function moreMemory(memory: Uint8Array<ArrayBuffer>, announced: number | undefined, hold: BodyHold): Uint8Array<ArrayBuffer> {
  const isForAll = announced !== undefined && hold.reserve(announced - memory.length);
  const larger = new Uint8Array(isForAll ? announced : Math.min(memory.length * 2, announced ?? Infinity));
  larger.set(memory);
  return larger;
}

/** Lets another request that needs the room end this one. It can only say so: what belongs to this request is touched by this request. */
function letGiveWay(incoming: IncomingBody, hold: BodyHold, step: number): void {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  hold.arrives(Math.min(step, TELLING_BYTES), () => resolve(undefined));
  void promise.then(() => incoming.giveUp(overloaded()));
}

/** How many bytes are waited for at a time, of a body that has so many. */
function stepOf(bytes: number, share: number): number {
  return bytes <= SMALL_BYTES ? 1 : Math.ceil(bytes * share);
}

function announcedBytes(headers: HeaderMap): number | undefined {
  const length = Number(headers.get("content-length") ?? Number.NaN);
  return Number.isSafeInteger(length) ? length : undefined;
}

function encodingFault(headers: HeaderMap): GatewayError | undefined {
  const encoding = headers.get("content-encoding");
  if (encoding === undefined || encoding.trim().toLowerCase() === "identity") return undefined;
  return new GatewayError(
    "invalid_request",
    `A request body in content-encoding ${JSON.stringify(encoding)} cannot be read; send it uncompressed.`,
  );
}

function lengthFault(announced: number | undefined, limit: BodyLimit, clock: Clock): GatewayError | undefined {
  if (announced === undefined) return undefined;
  if (announced > limit.bytes) return tooLarge(announced, limit);
  return hasRoom(announced, clock.now()) ? undefined : overloaded();
}

/** Reads a refused body to its end: who is still sending would see a broken connection in place of the refusal. */
export async function discardBody(body: ReadableStream<Uint8Array>, clock: Clock): Promise<void> {
  const incoming = new IncomingBody(body, clock);
  await discard(incoming);
  incoming.end();
}

async function discard(incoming: IncomingBody): Promise<void> {
  let memory = new Uint8Array(SMALL_BYTES);
  // It is read as far as it comes.
  for (let size = 0; size <= DISCARDED_BYTES;) {
    const chunk = await incoming.read(memory, 1);
    if (chunk === "broken" || chunk.length === 0) return;
    size += chunk.length;
    memory = new Uint8Array(chunk.buffer);
  }
}

function overloaded(): GatewayError {
  return new GatewayError("overloaded", "The gateway holds as many request bodies as it can; try again in a moment.", {
    headers: { "retry-after": String(OVERLOADED_RETRY_AFTER_S) },
  });
}

function tooLarge(bytes: number, limit: BodyLimit): GatewayError {
  const setting = limit.setting === undefined ? "" : ` (${limit.setting})`;
  return new GatewayError(
    "payload_too_large",
    `The request body has ${bytes} bytes or more; at most ${limit.bytes} are allowed${setting}.`,
  );
}
