/** Names of users and groups as the system's databases have them, LDAP and the like included. getpwuid(3), nsswitch.conf(5) */
import { type Lookup, askUserDatabase, lookUpLater } from './calls/user-lookup.js';
import * as libc from './libc.js';

/** A name; undefined for an id that has none. */
type Name = Buffer | undefined;

/** Whoever has many user ids (user namespaces give 65,536) is not to fill the memory of a service with them. */
const mostRemembered = 4096;

/** A database of names by ids. Each is asked for once. */
class Database {
  readonly #names = new Map<number, Name>();

  /** @param call - getpwuid_r or getgrgid_r */
  constructor(private readonly call: string) {}

  /** @throws SyscallError ETIMEDOUT where the database does not answer in time */
  nameOf(id: number): Name {
    return this.#names.has(id) ? this.#names.get(id) : askUserDatabase(this.#lookup(id));
  }

  /** Whether the name is known without asking, or that there is none. */
  knows(id: number): boolean {
    return this.#names.has(id);
  }

  async ask(id: number, until: number): Promise<void> {
    if (!this.#names.has(id)) await lookUpLater(this.#lookup(id), until);
  }

  #lookup(id: number): Lookup<Name> {
    return {
      call: this.call,
      subject: String(id),
      args: (into) => [id, ...resultIn(into)],
      answer: nameIn,
      came: (name) => {
        if (this.#names.size >= mostRemembered) this.#names.clear();
        this.#names.set(id, name);
      },
    };
  }
}

export const users = new Database('getpwuid_r');
export const groups = new Database('getgrgid_r');

/** Offsets in the memory of an answer: of the struct passwd or group, of the pointer to it, and of what it points to. */
const [pointerOffset, stringsOffset] = [64, 128] as const;

/** The last arguments of getpwuid_r(3) and its like. */
function resultIn(into: Buffer): [Buffer, Buffer, number, Buffer] {
  into.fill(0, pointerOffset, stringsOffset);
  const strings = into.subarray(stringsOffset, into.length / 2);
  return [into.subarray(0, pointerOffset), strings, strings.length, into.subarray(pointerOffset, stringsOffset)];
}

function isIn(from: Buffer): boolean {
  return from.readBigUInt64LE(pointerOffset) !== 0n;
}

/** pw_name and gr_name are the first members. */
function nameIn(from: Buffer): Name {
  return isIn(from) ? libc.stringAt(from.readBigUInt64LE(0)) : undefined;
}

/** The name that is asked for, in the second half of that memory. */
function nameArgument(name: Buffer, into: Buffer): Buffer {
  const place = into.subarray(into.length / 2);
  place[name.copy(place, 0, 0, place.length - 1)] = 0;
  return place;
}

/** Whether the database has a user of that name. getpwnam(3) @throws SyscallError ETIMEDOUT where it does not answer in time */
export function isUserName(name: Buffer): boolean {
  return askUserDatabase({
    call: 'getpwnam_r',
    subject: name.toString('latin1'),
    args: (into) => [nameArgument(name, into), ...resultIn(into)],
    answer: isIn,
  });
}

/**
 * The groups that the database gives a user, which a running session need not have. getgrouplist(3)
 *
 * @throws SyscallError ETIMEDOUT where it does not answer in time
 */
export function databaseGroups(uid: number, gid: number): number[] {
  const name = users.nameOf(uid);
  if (name === undefined) return [gid];
  return askUserDatabase({
    call: 'getgrouplist',
    subject: name.toString('latin1'),
    args: (into) => {
      into.writeInt32LE(mostGroups, 0);
      return [nameArgument(name, into), gid, into.subarray(stringsOffset), into.subarray(0, 4)];
    },
    answer: (from) =>
      Array.from({ length: Math.min(from.readInt32LE(0), mostGroups) }, (_, index) =>
        from.readUInt32LE(stringsOffset + 4 * index),
      ),
  });
}

/** NGROUPS_MAX. <linux/limits.h> */
const mostGroups = 65536;
