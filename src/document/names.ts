import { groups, users } from '../../native-probe/user-database.js';
import { ourselves } from '../identity/ourselves.js';
import { type Reading, reading, type Refusal } from '../words/reading.js';
import { textOf } from '../words/text.js';
import type { Unavailable } from './unavailable.js';
import { milliseconds } from '../../native-probe/monotonic-clock.js';

/** The names of ids, for people; undefined for an id without one. */
export interface Names {
  user(uid: number): string | undefined;
  group(gid: number): string | undefined;
  /** Why names are missing that were asked for: one row, or none. */
  readonly missing: readonly Unavailable[];
}

/**
 * As the system's databases have them. The overflow id gets no name where it only stands for ids that are not mapped.
 * Whoever asks waits, where the databases do not answer: for a second at most, however many names there are.
 */
export class SystemNames implements Names {
  readonly #missing = new Map<string, Refusal>();

  /** @param waits - without it names are given that came before, by {@link namesArrive} or for others */
  constructor(private readonly waits = true) {}

  user(uid: number): string | undefined {
    return uid === ourselves().unmappedUid ? undefined : this.#name(users, uid, 'getpwuid_r');
  }

  group(gid: number): string | undefined {
    return gid === ourselves().unmappedGid ? undefined : this.#name(groups, gid, 'getgrgid_r');
  }

  #name(database: typeof users, id: number, call: string): string | undefined {
    const name: Reading<Buffer | undefined> =
      this.waits || database.knows(id)
        ? reading(() => database.nameOf(id))
        : { error: { syscall: `${call} ${id}`, code: 'ETIMEDOUT' } };
    if ('value' in name) return name.value && textOf(name.value);
    this.#missing.set(`${call} ${id}`, name.error);
    return undefined;
  }

  get missing(): readonly Unavailable[] {
    const [first] = this.#missing.values();
    if (first === undefined) return [];
    const { syscall, code } = first;
    const more = this.#missing.size === 1 ? '' : `, and of ${this.#missing.size - 1} more`;
    const why =
      code === 'ETIMEDOUT' ? 'given up: the databases of users and groups (nsswitch.conf(5)) do not answer' : code;
    return [{ fact: 'names', reason: `names, ${syscall}${more}: ${why}`, code }];
  }
}

/** Waits until the names of these ids are known, without holding up this thread. @param timeout - milliseconds for all of them */
export async function namesArrive(
  ids: { readonly uids: readonly number[]; readonly gids: readonly number[] },
  timeout: number,
): Promise<void> {
  const until = milliseconds() + timeout;
  for (const uid of ids.uids) if (uid !== ourselves().unmappedUid) await users.ask(uid, until);
  for (const gid of ids.gids) if (gid !== ourselves().unmappedGid) await groups.ask(gid, until);
}

/** For whoever shows none: name services may be slow, or never answer. */
export const noNames: Names = { user: () => undefined, group: () => undefined, missing: [] };
