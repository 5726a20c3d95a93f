/** A program as the first process of namespaces of its own. namespaces(7), user_namespaces(7) */
import { writeFileSync } from 'node:fs';

import type { LibraryCall } from '../calls/call-chain.js';
import { CallingChild } from '../calls/calling-child.js';
import type { Fd } from '../fd.js';
import * as libc from '../libc.js';
import { readProc } from '../proc/read.js';
import { asSyscall, check, failedWith } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { openSocketPair } from '../unix-socket.js';

/** PID, mount and network namespace: no other process has abstract sockets in that. */
const namespaces = uapi.CLONE_NEWPID | uapi.CLONE_NEWNS | uapi.CLONE_NEWNET;

/** The program, and our end of the socket that is its standard input and output. Standard error is ours. */
export interface NamespacedProgram {
  /** Killing it kills all processes of its PID namespace. */
  readonly child: CallingChild;
  readonly output: Fd;
}

/**
 * Starts a program as PID 1 of a PID namespace, with a mount and a network
 * namespace, and a /proc of its own if it may be mounted. All end with us.
 *
 * @param argv - with the program's path
 * @param userNamespace - whether it is root in a user namespace of its own, which needs no privilege;
 * without one it takes CAP_SYS_ADMIN
 * @throws SyscallError as clone(2): EPERM, ENOSPC, EUSERS, EINVAL
 */
export function startInNamespaces(argv: readonly [string, ...string[]], userNamespace: boolean): NamespacedProgram {
  const [ours, its] = openSocketPair('stream');
  try {
    using far = its;
    const child = CallingChild.start(
      [...untilTold(ours, far), ...ownProc, ...running(argv, far)],
      namespaces | (userNamespace ? uapi.CLONE_NEWUSER : 0),
    );
    try {
      if (userNamespace) mapOurselvesToRoot(child.pid);
      check(libc.send(ours.number, Buffer.from('+'), 1, uapi.MSG_NOSIGNAL), 'send');
      return { child, output: ours };
    } catch (error) {
      child[Symbol.dispose]();
      throw error;
    }
  } catch (error) {
    ours[Symbol.dispose]();
    throw error;
  }
}

/** Waits for a byte, since we write the id maps meanwhile. Closes our end, so that the read ends when we are gone. */
function untilTold(ours: Fd, its: Fd): LibraryCall[] {
  return [
    ['close', ours.number],
    ['read', its.number, Buffer.alloc(1), 1],
  ];
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`);

/** Where /proc may not be mounted, the old one stays, which shows by its numbers that it is another namespace's. */
const ownProc: readonly LibraryCall[] = [
  ['mount', text('none'), text('/'), 0, uapi.MS_REC | uapi.MS_PRIVATE],
  ['mount', text('proc'), text('/proc'), text('proc'), uapi.MS_NOSUID | uapi.MS_NODEV | uapi.MS_NOEXEC],
];

/** The exit status of a child whose program could not be started, as sh(1) has it. */
export const notStarted = 127;

function running(argv: readonly string[], its: Fd): LibraryCall[] {
  return [
    ['dup2', its.number, 0],
    ['dup2', its.number, 1],
    // Which Node has closed by execve(2), and where there is no /dev/null does not start without
    ['fcntl', 2, uapi.F_SETFD, 0],
    ['execv', text(argv[0] ?? ''), argumentVector(argv)],
    ['_exit', notStarted],
  ];
}

/** The pointers that execv(3) takes, and after them what they point to. */
function argumentVector(argv: readonly string[]): Buffer {
  const strings = argv.map(text);
  const pointers = 8 * (strings.length + 1);
  const vector = Buffer.concat([Buffer.alloc(pointers), ...strings]);
  let at = libc.addressOfBuffer(vector) + BigInt(pointers);
  for (const [index, string] of strings.entries()) {
    vector.writeBigUInt64LE(at, 8 * index);
    at += BigInt(string.length);
  }
  return vector;
}

/**
 * Writes the child's id maps: all of our ids as they are, where we may; else only
 * our own, as 0. With fewer ids, root could not enter what belongs to others.
 */
function mapOurselvesToRoot(pid: number): void {
  // Whoever may not set its groups outside must give that up inside too. user_namespaces(7)
  writeProc(pid, 'setgroups', 'deny');
  for (const [file, id] of [
    ['uid_map', process.geteuid?.() ?? 0],
    ['gid_map', process.getegid?.() ?? 0],
  ] as const) {
    try {
      writeProc(pid, file, sameAsOurs(file));
    } catch (error) {
      if (!failedWith(error, 'EPERM')) throw error;
      writeProc(pid, file, `0 ${id} 1\n`);
    }
  }
}

/** Each range of ids that we have, as itself. */
function sameAsOurs(file: string): string {
  const lines = readProc(`/proc/self/${file}`).toString('latin1').trimEnd().split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/))
    .map(([inside = '', , count = '']) => `${inside} ${inside} ${count}\n`)
    .join('');
}

function writeProc(pid: number, file: string, content: string): void {
  const path = `/proc/${pid}/${file}`;
  asSyscall(path, () => {
    writeFileSync(path, content, { flag: 'r+' });
  });
}
