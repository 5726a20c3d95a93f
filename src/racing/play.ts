import { Socket } from 'node:net';

import { type NamespacedProgram, notStarted, startInNamespaces } from '../../native-probe/children/own-namespaces.js';
import { procIsOurs } from '../../native-probe/proc/system.js';
import { failedWith, SyscallError } from '../../native-probe/syscall-error.js';
import type { RaceDocument } from '../document/race-document.js';
import { type ExitStatus, exitStatusOf } from '../identity/wait-status.js';
import { exitStatuses, Problem } from '../words/problem.js';
import type { StageLine, StageOrder } from './stage-line.js';
import { waysToNamespaces } from './ways-to-namespaces.js';

/** What the user wants to see. */
export interface PlayOptions {
  readonly rounds: number;
  readonly explain: boolean;
  /** The path of the stage's program. */
  readonly program: string;
  /** Called with how many rounds were played. */
  readonly tell: (played: number) => void;
  /** Milliseconds without a word of the stage after which it is given up. */
  readonly patience?: number;
}

/** A round takes some milliseconds, and on the stage itself nothing is waited for as long as this. */
const usualPatience = 60_000;

/**
 * Has the race played by a program in namespaces of its own (the stage), and waits for the outcome.
 *
 * @throws Problem when there can be no such namespaces; SyscallError
 */
export async function play({
  rounds,
  explain,
  program,
  tell,
  patience = usualPatience,
}: PlayOptions): Promise<RaceDocument> {
  const order: Order = (userNamespace) => {
    const content: StageOrder = { rounds, explain, userNamespace };
    return [process.execPath, program, JSON.stringify(content)];
  };
  const { child, output } = startStage(order);
  // From here on the socket is the owner of the descriptor
  const socket = new Socket({ fd: output.number });
  using _stage = child;
  giveUpAfter(patience, socket);
  try {
    for await (const line of linesOf(socket)) {
      if ('played' in line) tell(line.played);
      else return documentOf(line);
    }
  } finally {
    socket.destroy();
  }
  throw endedEarly(exitStatusOf(child.wait()));
}

/** What came while we were suspended ourselves is read in the turn after the timer's. */
function giveUpAfter(patience: number, socket: Socket): void {
  socket.setTimeout(patience, () => {
    const { bytesRead } = socket;
    setImmediate(() => {
      setImmediate(() => {
        if (socket.bytesRead === bytesRead) socket.destroy(silent(patience));
      });
    });
  });
}

function silent(patience: number): Problem {
  return new Problem(
    'ETIMEDOUT',
    `the process that plays the race has said nothing for ${patience / 1000} s`,
    'Somebody may have stopped it (SIGSTOP), or the machine may be too busy: try again.',
  );
}

/** Errnos of clone(2) where namespaces are not to be had. */
const refusals = ['EPERM', 'EACCES', 'ENOSPC', 'EUSERS', 'EINVAL', 'ENOSYS'];

type Order = (userNamespace: boolean) => [string, string, string];

/** In a user namespace; or where that is refused without one, which takes privilege. */
function startStage(order: Order): NamespacedProgram {
  // The uid_map of the child is written in /proc/PID, which in another PID namespace's /proc is another process
  if (procIsOurs() !== true) return withoutUserNamespace(order, noProc);
  try {
    return startInNamespaces(order(true), true);
  } catch (error) {
    if (!failedWith(error, ...refusals)) throw error;
    // Without privileges the second attempt is always refused, so the reason is told by the first refusal
    return withoutUserNamespace(order, () => noNamespaces(error));
  }
}

function withoutUserNamespace(order: Order, problem: () => Problem): NamespacedProgram {
  try {
    return startInNamespaces(order(false), false);
  } catch (error) {
    if (!failedWith(error, ...refusals)) throw error;
    throw error.syscall === 'setcontext' ? noSuchLibrary(error) : problem();
  }
}

function noProc(): Problem {
  return new Problem(
    'NO_PROC',
    'cannot create a user namespace to race in, since /proc does not show this PID namespace',
    'Mount the /proc of this PID namespace, or try with sudo.',
    exitStatuses.notPossibleHere,
  );
}

function noNamespaces({ code, syscall }: SyscallError): Problem {
  return new Problem(
    code,
    `cannot create namespaces to race in (${syscall}: ${code})`,
    waysToNamespaces(),
    exitStatuses.notPossibleHere,
  );
}

function noSuchLibrary({ code, syscall }: SyscallError): Problem {
  return new Problem(
    code,
    `the C library has no ${syscall}(3), which starts the racers`,
    'glibc has it, musl does not: run it with a Node.js for glibc.',
    exitStatuses.notPossibleHere,
  );
}

function endedEarly(status: ExitStatus): Error {
  if ('signal' in status) {
    return new Problem(
      'STAGE_ENDED',
      `the process that plays the race was ended by ${status.signal}`,
      'Somebody may have killed it, or there was no memory left for it: the kernel log (`journalctl -k`) may say.',
    );
  }
  if (status.code === notStarted) {
    return new Problem(
      'STAGE_NOT_STARTED',
      `${process.execPath} could not be started in namespaces of its own`,
      'execve(2) of it was refused there: the modes of the directories on its path may keep out root of a user namespace.',
    );
  }
  return new Error(`the stage ended with status ${status.code}`);
}

function documentOf(line: Exclude<StageLine, { played: number }>): RaceDocument {
  if ('document' in line) return line.document;
  if ('refused' in line) throw new SyscallError(line.refused.syscall, line.refused.errno, line.refused.subject);
  const { code, message, hint, exitStatus } = line.problem;
  throw new Problem(code, message, hint, exitStatus);
}

async function* linesOf(socket: Socket): AsyncGenerator<StageLine> {
  let text = '';
  socket.setEncoding('utf8');
  for await (const chunk of socket as AsyncIterable<string>) {
    const lines = `${text}${chunk}`.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as StageLine;
  }
}
