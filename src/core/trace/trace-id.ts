import { fail, ok, type Result } from "../result.ts";

/**
 * What the id of a trace tells: `default_01kt9m2x5f0k7vq3n8h2c4t6w9` is project `default`, then ten characters of start time, two of shard,
 * fourteen of chance. The last 26 characters sort by start time, and say in which object the trace lies without any index.
 */
export interface TraceId {
  readonly project: string;
  readonly startedAtMs: number;
  /** Which of the day's objects holds it, 0 to `MAX_SHARDS` - 1. */
  readonly shard: number;
  /** All that follows the project: unique, and in order of start time. */
  readonly tail: string;
}

/** A text that is no id of a trace. */
export interface TraceIdFault {
  readonly kind: "malformed";
}

/** Crockford's base 32, lower case: in ASCII order, without i, l, o, u. */
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_LENGTH = 10;
const SHARD_LENGTH = 2;
const CHANCE_LENGTH = 14;

/** Characters of a tail. */
export const TAIL_LENGTH = TIME_LENGTH + SHARD_LENGTH + CHANCE_LENGTH;

/** Bytes of chance that one id takes. */
export const CHANCE_BYTES = CHANCE_LENGTH;

/** What two digits can name: the most objects that may share a day. */
export const MAX_SHARDS = 1024;

const FORM = /^([a-z0-9][a-z0-9._-]{0,63})_([0-7][0-9a-hjkmnp-tv-z]{9})([0-9a-hjkmnp-tv-z]{2})[0-9a-hjkmnp-tv-z]{14}$/;

/** The id of a trace that started then. `random`: at least `CHANCE_BYTES` bytes; those missing count as 0. */
export function makeTraceId(parts: {
  readonly project: string;
  readonly startedAtMs: number;
  readonly shard: number;
  readonly random: Uint8Array;
}): string {
  let chance = "";
  for (let index = 0; index < CHANCE_LENGTH; index += 1) chance += digit(parts.random[index] ?? 0);
  return `${parts.project}_${inDigits(parts.startedAtMs, TIME_LENGTH)}${inDigits(parts.shard, SHARD_LENGTH)}${chance}`;
}

/** One of `shards` objects. Modulo: a bias of at most one in 64 between objects is no matter for spreading load. */
export function drawShard(random: Uint8Array, shards: number): number {
  return (((random[0] ?? 0) << 8) | (random[1] ?? 0)) % Math.min(shards, MAX_SHARDS);
}

/** What an id tells, or that it is none. */
export function readTraceId(id: string): Result<TraceId, TraceIdFault> {
  const match = FORM.exec(id);
  if (match === null) return fail({ kind: "malformed" });
  const [, project = "", time = "", shard = ""] = match;
  return ok({ project, startedAtMs: fromDigits(time), shard: fromDigits(shard), tail: id.slice(project.length + 1) });
}

/** Whether a text has the form of a tail. */
export function isTail(text: string): boolean {
  return FORM.test(`x_${text}`) && text.length === TAIL_LENGTH;
}

/** The least tail of a moment: every trace that started at `startedAtMs` or later has this tail or a greater one. */
export function firstTailAt(startedAtMs: number): string {
  return inDigits(Math.max(0, startedAtMs), TIME_LENGTH) + "0".repeat(SHARD_LENGTH + CHANCE_LENGTH);
}

/** The start time in a tail. */
export function tailTimeMs(tail: string): number {
  return fromDigits(tail.slice(0, TIME_LENGTH));
}

/** `2026-11-20`, in UTC. */
export function utcDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

function digit(value: number): string {
  return DIGITS.charAt(value % DIGITS.length);
}

function inDigits(value: number, length: number): string {
  let text = "";
  for (let rest = Math.floor(value); text.length < length; rest = Math.floor(rest / DIGITS.length)) text = digit(rest) + text;
  return text;
}

function fromDigits(text: string): number {
  let value = 0;
  for (const character of text) value = value * DIGITS.length + DIGITS.indexOf(character);
  return value;
}
