import type { BusConnection } from '../../native-probe/bus/bus-connection.js';
import type { BusMessage } from '../../native-probe/bus/bus-message.js';
import { milliseconds } from '../../native-probe/monotonic-clock.js';
import { type Reading, reading, type RefusalCode } from '../words/reading.js';
import { mostChanges, mostUnanswered } from './bus-limits.js';
import { type NameChange, nameChangeIn } from './name-change.js';

/** A call to the bus itself. */
export interface BusCall {
  readonly member: string;
  readonly argument?: string;
}

/** The errors of the D-Bus specification that say something of their own. */
const codes: ReadonlyMap<string, RefusalCode> = new Map([
  ['org.freedesktop.DBus.Error.NameHasNoOwner', 'ENXIO'],
  ['org.freedesktop.DBus.Error.AccessDenied', 'EACCES'],
  ['org.freedesktop.DBus.Error.UnknownMethod', 'EOPNOTSUPP'],
  ['org.freedesktop.DBus.Error.UnixProcessIdUnknown', 'ESRCH'],
  ['org.freedesktop.DBus.Error.LimitsExceeded', 'EDQUOT'],
]);

/** Calls to a bus, many at a time, all of which are answered within some time or not at all. */
export class BusTalk {
  #left: number;
  #signals: NameChange[] = [];
  #lost = 0;

  /** @param timeout - milliseconds for all answers together; what is done between the calls does not count */
  constructor(
    private readonly connection: BusConnection,
    private readonly timeout: number,
  ) {
    this.#left = timeout;
  }

  /** Gives the answers that come from now on as much time as the first had. */
  renew(): void {
    this.#left = this.timeout;
  }

  /** Takes what came by itself, too. @returns at most {@link mostChanges}, and how many there were besides */
  takeSignals(): { readonly changes: readonly NameChange[]; readonly lost: number } {
    for (let taken = 0; taken < mostChanges; taken++) {
      const next = this.connection.next();
      if (next === 'idle') break;
      if (next !== 'busy') this.#note(next);
    }
    const [changes, lost] = [this.#signals, this.#lost];
    [this.#signals, this.#lost] = [[], 0];
    return { changes, lost };
  }

  /** Keeps what a signal says of names, and closes it. */
  #note(message: BusMessage): void {
    using closed = message;
    const change = nameChangeIn(closed);
    if (change === undefined) return;
    if (this.#signals.length < mostChanges) this.#signals.push(change);
    else this.#lost++;
  }

  /** The name that the bus gave us. */
  get ownName(): string {
    return this.connection.uniqueName;
  }

  /** Waits until the bus has taken us. @returns false where it does not answer in time @throws SyscallError where it refuses */
  greet(): boolean {
    return this.#inTime((until) => {
      while (!this.connection.isReady) {
        const next = this.#step(until);
        if (next === 'late') return false;
        if (next !== 'busy') this.#note(next);
      }
      return true;
    });
  }

  /**
   * Asks, and reads each answer as it comes.
   *
   * @param read - takes what is wanted of an answer
   * @returns for each call what was read, the bus's error, or ETIMEDOUT
   * @throws SyscallError where the bus goes meanwhile
   */
  ask<T>(calls: readonly BusCall[], read: (answer: BusMessage) => T): Reading<T>[] {
    return this.#inTime((until) => this.#ask(calls, read, until));
  }

  #ask<T>(calls: readonly BusCall[], read: (answer: BusMessage) => T, until: number): Reading<T>[] {
    const answers = calls.map((call): Reading<T> => ({ error: { syscall: nameOf(call), code: 'ETIMEDOUT' } }));
    const waiting = new Map<bigint, number>();
    let sent = 0;
    for (;;) {
      for (; sent < calls.length && waiting.size < mostUnanswered; sent++) {
        const call = calls[sent];
        if (call !== undefined) waiting.set(this.connection.ask(call.member, call.argument), sent);
      }
      if (waiting.size === 0) return answers;
      const next = this.#step(until);
      if (next === 'late') return answers;
      if (next === 'busy') continue;
      const cookie = next.answers;
      const index = cookie === undefined ? undefined : waiting.get(cookie);
      const call = index === undefined ? undefined : calls[index];
      if (cookie === undefined || index === undefined || call === undefined) {
        this.#note(next);
        continue;
      }
      using message = next;
      waiting.delete(cookie);
      answers[index] = answerIn(message, call, read);
    }
  }

  /** The next message, if that is what comes next; `late` where nothing comes in time, however much came before. */
  #step(until: number): BusMessage | 'busy' | 'late' {
    const left = until - milliseconds();
    if (left <= 0) return 'late';
    const next = this.connection.next();
    if (next !== 'idle') return next;
    this.connection.wait(left);
    return 'busy';
  }

  #inTime<T>(talk: (until: number) => T): T {
    const until = milliseconds() + this.#left;
    try {
      return talk(until);
    } finally {
      this.#left = until - milliseconds();
    }
  }
}

function answerIn<T>(message: BusMessage, call: BusCall, read: (answer: BusMessage) => T): Reading<T> {
  if (message.type === 'reply') return reading(() => read(message));
  const { error } = message;
  return { error: { syscall: `${nameOf(call)}: ${error}`, code: codes.get(error) ?? 'EPROTO' } };
}

function nameOf({ member, argument = '' }: BusCall): string {
  return `${member} ${argument}`.trimEnd();
}
