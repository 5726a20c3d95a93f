/**
 * A path is opened by a child of ours that may be given up: on a FUSE it can sleep so that not even SIGKILL ends it. A
 * thread that sleeps so would keep us from being reaped.
 */
import { constants } from 'node:os';

import { encodeDescriptors } from '../ancillary.js';
import type { Fd } from '../fd.js';
import * as libc from '../libc.js';
import { messageBuffer, MessageReceiver } from '../message.js';
import { isReadable } from '../poll.js';
import { failedWith, SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { openSocketPair } from '../unix-socket.js';
import { CallingChild } from './calling-child.js';
import { Patience } from './patience.js';

const patience = new Patience(50);

/** Children that were given up and have not ended. With more nothing is asked. */
const mostGivenUp = 16;
const givenUp = new Set<CallingChild>();

/**
 * openat2(2) with O_PATH in a child.
 *
 * @param directory - where a relative path starts, or the root of RESOLVE_IN_ROOT; by default our working directory
 * @param how - a struct open_how
 * @param subject - what an error calls the path
 * @returns the descriptor that the child sent
 * @throws SyscallError as open(2); ETIMEDOUT where it does not come in time, EBUSY where too many others did not;
 * ENOSYS where the C library has no setcontext(3)
 */
export function openInChild(path: Buffer, how: Buffer, subject: string, directory?: Fd): Fd {
  for (const child of givenUp) if (child.reap()) givenUp.delete(child);
  if (givenUp.size >= mostGivenUp) throw new SyscallError('stat', constants.errno.EBUSY, subject);
  const [ours, theirs] = openSocketPair('seqpacket');
  using near = ours;
  const child = startOpening(theirs, path, how, directory);
  try {
    const opened = answerFrom(near, subject);
    child[Symbol.dispose]();
    return opened;
  } catch (error) {
    if (failedWith(error, 'ETIMEDOUT')) patience.gaveUp();
    if (!child.giveUp()) givenUp.add(child);
    throw error;
  }
}

/** @param theirs - the child's end, which is closed here */
function startOpening(theirs: Fd, path: Buffer, how: Buffer, directory: Fd | undefined): CallingChild {
  using far = theirs;
  // The lowest number that is free once all others are closed
  const opened = directory === undefined ? 1 : 2;
  const descriptor = messageBuffer({ data: Buffer.from('d'), control: encodeDescriptors([opened]) });
  const from = directory === undefined ? uapi.AT_FDCWD : 1;
  return CallingChild.start([
    ['dup2', far.number, 0],
    ...(directory === undefined ? [] : ([['dup2', directory.number, 1]] as const)),
    // Else it would keep open what we close, for as long as it sleeps
    ['syscall', uapi.NR_close_range, opened, 0xffffffff, 0],
    ['syscall', uapi.NR_openat2, from, path, how, uapi.openHowSize],
    // Of the thread that it is a copy of; whatever it was before where nothing failed
    ['write', 0, libc.addressOfErrno(), 4],
    ['sendmsg', 0, descriptor, uapi.MSG_NOSIGNAL],
    ['write', 0, Buffer.from('end'), 3],
  ]);
}

/** What the child says: an errno, the descriptor if there is one, and that this was all. */
function answerFrom(near: Fd, subject: string): Fd {
  const asked = performance.now();
  const receiver = new MessageReceiver(1, 16);
  let errno: number | undefined;
  while (isReadable(near, patience.left(asked))) {
    const [message] = receiver.receive(near, false);
    if (message === undefined) continue;
    const [opened] = message.ancillary.passed;
    if (opened !== undefined) return opened;
    if (message.length !== 4) throw new SyscallError('stat', errno ?? constants.errno.EIO, subject);
    errno = message.data.readInt32LE();
  }
  throw new SyscallError('stat', constants.errno.ETIMEDOUT, subject);
}
