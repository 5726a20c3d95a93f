/**
 * Paths are opened by a child of ours that may be given up: on a FUSE it can sleep so that not even SIGKILL ends it. A
 * thread that sleeps so would keep us from being reaped.
 */
import { constants } from 'node:os';

import { encodeDescriptors } from '../ancillary.js';
import { duplicate, type Fd, openFile } from '../fd.js';
import * as libc from '../libc.js';
import { messageBuffer, MessageReceiver, send } from '../message.js';
import { isReadable } from '../poll.js';
import { SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { openSocketPair } from '../unix-socket.js';
import { CallingChild } from './calling-child.js';
import { leave, limitOf, requireAnswers, saysNothing } from './given-up.js';
import { afterSignal } from './patience.js';
import { withoutSignals } from './without-signals.js';
import { milliseconds } from '../monotonic-clock.js';

/** Bytes of a path with its NUL. <linux/limits.h>, PATH_MAX */
const longestPath = 4096;

/** CMSG_SPACE of one descriptor. */
const controlRoom = 24;

const { errno } = constants;

/** Opens paths one after another, for as long as each answer comes. */
class OpeningChild implements Disposable {
  readonly #receiver = new MessageReceiver(3, 16);

  private constructor(
    private readonly near: Fd,
    readonly child: CallingChild,
  ) {}

  static start(): OpeningChild {
    const [near, theirs] = openSocketPair('seqpacket');
    using far = theirs;
    const request = messageBuffer({
      data: Buffer.alloc(uapi.openHowSize + longestPath),
      control: Buffer.alloc(controlRoom),
    });
    const how = request.subarray(request.length - longestPath - uapi.openHowSize);
    // The lowest numbers that are free: of the directory that comes with a request, and of what is opened
    const [directory, opened] = [1, 2];
    const answer = messageBuffer({ data: Buffer.from('d'), control: encodeDescriptors([opened]) });
    const closeAll = ['syscall', uapi.NR_close_range, 1, 0xffffffff, 0] as const;
    try {
      const child = withoutSignals(() =>
        // Closed, since else it would keep open what we close
        CallingChild.start([['dup2', far.number, 0], closeAll], 0, [
          ['recvmsg', 0, request, 0],
          ['syscall', uapi.NR_openat2, directory, how.subarray(uapi.openHowSize), how, uapi.openHowSize],
          // Of the thread that it is a copy of; whatever it was before where nothing failed
          ['write', 0, libc.addressOfErrno(), 4],
          ['sendmsg', 0, answer, uapi.MSG_NOSIGNAL],
          ['write', 0, Buffer.from('end'), 3],
          closeAll,
        ]),
      );
      return new OpeningChild(near, child);
    } catch (error) {
      near[Symbol.dispose]();
      throw error;
    }
  }

  /** @returns a descriptor or an errno; undefined where no answer came in time */
  open(path: Buffer, how: Buffer, directory: Fd): Fd | number | undefined {
    send(this.near, { data: Buffer.concat([how, path]), control: encodeDescriptors([directory.number]) });
    const asked = milliseconds();
    let [opened, failed]: [Fd | undefined, number] = [undefined, errno.EIO];
    while (isReadable(this.near, limitOf(asked), afterSignal)) {
      for (const { length, data, ancillary } of this.#receiver.receive(this.near, false)) {
        opened ??= ancillary.passed[0];
        if (length === 4) failed = data.readInt32LE();
        if (length === 3) return opened ?? failed;
        if (length === 0) return errno.ECHILD;
      }
    }
    opened?.[Symbol.dispose]();
    return undefined;
  }

  [Symbol.dispose](): void {
    this.near[Symbol.dispose]();
    this.child[Symbol.dispose]();
  }

  /** Without a wait for the end of the child. */
  giveUp(): void {
    this.near[Symbol.dispose]();
    leave(this.child);
  }
}

let current: OpeningChild | undefined;
let sinceUse: NodeJS.Timeout | undefined;

/** How long a child that nobody asks anything is kept. Milliseconds. */
const idle = 500;

/**
 * openat2(2) in a child.
 *
 * @param path - with its NUL
 * @param how - a struct open_how
 * @param subject - what an error calls the path
 * @param directory - where a relative path starts, or the root of RESOLVE_IN_ROOT; by default our working directory
 * @returns the descriptor that the child sent
 * @throws SyscallError as open(2); ETIMEDOUT where it does not come in time, EBUSY where too many others did not;
 * ENOSYS where the C library has no setcontext(3)
 */
export function openInChild(path: Buffer, how: Buffer, subject: string, directory?: Fd): Fd {
  if (path.length > longestPath) throw new SyscallError('stat', errno.ENAMETOOLONG, subject);
  requireAnswers(subject);
  using from = directory === undefined ? openFile('.', uapi.O_PATH | uapi.O_DIRECTORY) : duplicate(directory.number);
  current ??= begin();
  const answer = current.open(path, how, from);
  if (answer === undefined) {
    current.giveUp();
    forget();
    throw saysNothing(subject);
  }
  keepForAWhile();
  if (typeof answer === 'number') throw new SyscallError('stat', answer, subject);
  return answer;
}

function begin(): OpeningChild {
  process.once('exit', end);
  return OpeningChild.start();
}

function keepForAWhile(): void {
  sinceUse ??= setTimeout(end, idle).unref();
  sinceUse.refresh();
}

function end(): void {
  current?.[Symbol.dispose]();
  forget();
}

function forget(): void {
  clearTimeout(sinceUse);
  process.off('exit', end);
  [current, sinceUse] = [undefined, undefined];
}
