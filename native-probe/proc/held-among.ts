/** Which of many processes keep whoever looks at them waiting, found out by children of ours that are killed where they wait. */
import { CallingChild } from '../calls/calling-child.js';
import type { LibraryCall } from '../calls/call-chain.js';
import { withoutSignals } from '../calls/without-signals.js';
import { Fd } from '../fd.js';
import * as libc from '../libc.js';
import { isReadable } from '../poll.js';
import { goesOn } from '../going-on.js';
import { check } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { processStat } from './process.js';

/** Children that ask at once, and of how many processes each asks one after the other. */
const most = { children: 8, processes: 32 };

/** How often a child has to be seen waiting for one process, and how long after each time. Milliseconds. */
const times = 4;
const pause = 20;

/** Asks of processes, one after the other, for as long as each answers. kcmp(2) */
class Asking implements Disposable {
  readonly #answers: readonly [read: Fd, write: Fd];
  readonly #child: CallingChild;
  #answered = 0;
  #seenWaiting = 0;

  /** @throws SyscallError as {@link CallingChild.start}; EMFILE */
  constructor(private readonly pids: readonly number[]) {
    const ends = Buffer.alloc(8);
    check(libc.pipe2(ends, uapi.O_CLOEXEC), 'pipe2');
    this.#answers = [new Fd(ends.readInt32LE(0)), new Fd(ends.readInt32LE(4))];
    const calls = pids.flatMap((pid): LibraryCall[] => [
      ['syscall', uapi.NR_kcmp, pid, pid, uapi.KCMP_FILES, 0, 0],
      ['write', this.#answers[1].number, Buffer.alloc(1), 1],
    ]);
    try {
      // With our descriptors for its own: a copy of them would be closed at its end, which may take for ever
      this.#child = withoutSignals(() => CallingChild.start(calls, uapi.CLONE_FILES));
    } catch (error) {
      for (const end of this.#answers) end[Symbol.dispose]();
      throw error;
    }
  }

  /** Looks how far it is. @returns those that were not asked, once it has come to its end or to one that is held */
  look(): { readonly held: number | undefined; readonly left: readonly number[] } | undefined {
    if (isReadable(this.#answers[0], 0)) {
      this.#seenWaiting = 0;
      this.#answered += check(
        libc.read(this.#answers[0].number, Buffer.alloc(this.pids.length), this.pids.length),
        'read',
      );
      return this.#answered < this.pids.length ? undefined : { held: undefined, left: [] };
    }
    // On a busy machine it may only not have had its turn
    if (processStat(this.#child.pid).state !== 'D' || ++this.#seenWaiting < times) return undefined;
    return { held: this.pids[this.#answered], left: this.pids.slice(this.#answered + 1) };
  }

  [Symbol.dispose](): void {
    this.#child[Symbol.dispose]();
    for (const end of this.#answers) end[Symbol.dispose]();
  }
}

/**
 * Those of the processes that are held.
 *
 * @throws SyscallError as {@link CallingChild.start}; EMFILE
 */
export function heldAmong(pids: readonly number[]): ReadonlySet<number> {
  const held = new Set<number>();
  const left: (readonly number[])[] = [];
  for (let at = 0; at < pids.length; at += most.processes) left.push(pids.slice(at, at + most.processes));
  const asking = new Set<Asking>();
  try {
    while (left.length + asking.size > 0) {
      goesOn();
      while (asking.size < most.children) {
        const next = left.pop();
        if (next === undefined) break;
        asking.add(new Asking(next));
      }
      libc.poll(Buffer.alloc(0), 0, pause);
      for (const one of asking) {
        const found = one.look();
        if (found === undefined) continue;
        asking.delete(one);
        one[Symbol.dispose]();
        if (found.held !== undefined) held.add(found.held);
        if (found.left.length > 0) left.push(found.left);
      }
    }
  } finally {
    for (const one of asking) one[Symbol.dispose]();
  }
  return held;
}
