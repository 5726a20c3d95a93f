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

/** Fields that have a value; an absent one is taken out rather than undefined. */
export function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  for (const [name, value] of Object.entries(fields)) if (value === undefined) Reflect.deleteProperty(fields, name);
  return fields;
}
