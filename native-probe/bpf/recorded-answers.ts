/** What sockets would answer that were not asked, from the kernel's own records of them. */
import { constants } from 'node:os';

import type { Fd } from '../fd.js';
import { bytesOf, peerPidfd } from '../peer-credential.js';
import { column, type LongAnswers } from '../socket-answers.js';
import { SyscallError } from '../syscall-error.js';
import { openSocket, openSocketPair } from '../unix-socket.js';
import { uapi } from '../uapi.js';
import { recordFlag, type SocketRecords } from './socket-records.js';

/** SO_PEERCRED's uid and gid where there is no credential. net/core/sock.c, cred_to_ucred() */
const noId = -1;

const noGroups = Buffer.alloc(0);

/** Writes what records tell as {@link askSocket} writes what sockets answer. */
export class RecordedAnswers {
  /** What SO_PEERPIDFD answers of a living peer, and without one, and what SO_PEERSEC does: 0 for an answer, or an errno. */
  readonly #errnos = ownErrnos();

  constructor(private readonly records: SocketRecords) {}

  /**
   * @param index - of the record
   * @param cookie - that the socket must have, where that is known
   * @param rows - written from `at` on, where true is returned
   * @param details - where groups go; undefined where nobody wants them
   * @returns false where the socket itself has to be asked: what the kernel answers of a process that is reaped depends on
   * its version
   */
  write(
    index: number,
    cookie: number | undefined,
    rows: Int32Array,
    at: number,
    details: LongAnswers | undefined,
  ): boolean {
    const { records } = this;
    const flags = records.flags(index);
    const isRecorded = (flags & recordFlag.recorded) !== 0;
    const isOdd = !isRecorded && records.number(index, 'recordedUid') >> 0 !== noId;
    if (isOdd || (flags & recordFlag.changed) !== 0) return false;
    if (isRecorded && (flags & recordFlag.alive) === 0) return false;
    const groups = details !== undefined && isRecorded ? records.groups(index) : noGroups;
    if (groups === undefined || (details !== undefined && this.#errnos.label === 0)) return false;
    if (cookie !== undefined && records.id(index, 'cookie') !== BigInt(cookie)) {
      rows[at + column.asked] = -constants.errno.ESTALE;
      return true;
    }
    const errno = isRecorded ? this.#errnos.living : this.#errnos.nobody;
    rows[at + column.asked] = 1;
    rows[at + column.pid] = records.number(index, 'recordedPid');
    rows[at + column.uid] = records.number(index, 'recordedUid');
    rows[at + column.gid] = records.number(index, 'recordedGid');
    rows[at + column.pidfdErrno] = errno;
    if (errno === 0) {
      rows[at + column.idLow] = records.number(index, 'recordedId');
      rows[at + column.idHigh] = records.upper(index, 'recordedId');
    }
    rows[at + column.asks] = flags & recordFlag.asks;
    if (details !== undefined && isRecorded) {
      rows[at + column.groups] = details.numberOf(groups);
      rows[at + column.label] = -this.#errnos.label;
    }
    return true;
  }
}

/** As the kernel answers for sockets of our own: that also tells of a sandbox that refuses it. */
function ownErrnos(): { readonly living: number; readonly nobody: number; readonly label: number } {
  const [one, other] = openSocketPair('stream');
  using ours = one;
  using _theirs = other;
  using alone = openSocket('stream');
  const label = bytesOf(ours.number, uapi.SO_PEERSEC);
  // Only that no security module labels sockets is the same for all of them
  const { ENOPROTOOPT } = constants.errno;
  return { living: errnoOf(ours), nobody: errnoOf(alone), label: label === ENOPROTOOPT ? ENOPROTOOPT : 0 };
}

function errnoOf(socket: Fd): number {
  try {
    using _pidfd = peerPidfd(socket);
    return 0;
  } catch (error) {
    if (error instanceof SyscallError) return error.errno;
    throw error;
  }
}
