import { errnoText } from '../words/errno-text.js';
import type { Reading, Refusal, RefusalCode } from '../words/reading.js';

/** A fact that is not known. */
export interface Unavailable {
  /** Where it would stand, such as `byPid.exe`. */
  readonly fact: string;
  readonly reason: string;
  /** The errno's name, where the kernel refused. */
  readonly code?: string;
}

/** Takes what was read, and may write down why it could not be. */
export type Take = <T>(fact: string, fromReading: Reading<T>) => T | undefined;

/** Collects the facts that could not be had. */
export class Missing {
  readonly rows: Unavailable[] = [];

  /** What was read, or undefined and a row that says why not. */
  take<T>(fact: string, fromReading: Reading<T>): T | undefined {
    if ('value' in fromReading) return fromReading.value;
    this.add(fact, fromReading.error);
    return undefined;
  }

  add(fact: string, { syscall, code }: Refusal): void {
    this.rows.push({ fact, reason: `${syscall}: ${errnoText(code)}`, code });
  }

  /** Why the kernel refused, in words. */
  because(fact: string, reason: string, code: RefusalCode): void {
    this.rows.push({ fact, reason, code });
  }

  say(fact: string, reason: string): void {
    this.rows.push({ fact, reason });
  }
}

/** Fields that have a value; an absent one is left out rather than undefined. */
export function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  for (const name in fields) if (fields[name] === undefined) return withoutAbsent(fields);
  return fields;
}

/** Those of the fields that may be absent, as optional ones. */
type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The same of several together, in this order. */
export function allPresent<A extends object, B extends object, C extends object, D extends object>(
  ...parts: [A, B, C, D]
): Present<A & B & C & D> {
  return withoutAbsent(...parts) as Present<A & B & C & D>;
}

/** A copy, since an object of which fields were deleted is a slow one, also for whoever prints it. */
function withoutAbsent(...parts: readonly object[]): object {
  const all: Record<string, unknown> = {};
  for (const part of parts as readonly Readonly<Record<string, unknown>>[]) {
    for (const name in part) if (part[name] !== undefined) all[name] = part[name];
  }
  return all;
}
