/**
 * The other process of a test: does what it is told, a line at a time, and
 * holds what it opened until its standard input closes. Each command is a JSON
 * array of a name and arguments; each answer is one line of JSON.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, openSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';

import { encodeCredential, encodeDescriptors } from '../../../native-probe/ancillary.js';
import { SocketIterator } from '../../../native-probe/bpf/socket-iterator.js';
import { Fd } from '../../../native-probe/fd.js';
import * as libc from '../../../native-probe/libc.js';
import * as message from '../../../native-probe/message.js';
import { type Credential, peerCredential, peerPidfd } from '../../../native-probe/peer-credential.js';
import type { SocketType } from '../../../native-probe/socket-kinds.js';
import { check } from '../../../native-probe/syscall-error.js';
import { uapi } from '../../../native-probe/uapi.js';
import * as unix from '../../../native-probe/unix-socket.js';
import { type AddressTarget, parseTarget } from '../../../src/socket/address.js';
import { askInfo } from '../machine/pidfd-info.js';

// Newer Nodes call their first thread by another name
if (existsSync('/proc/self/comm')) writeFileSync('/proc/self/comm', 'node');

type Type = SocketType;

const held: Fd[] = [];
const children: ChildProcess[] = [];

function hold(fd: Fd): number {
  held.push(fd);
  return fd.number;
}

function addressOf(text: string): AddressTarget {
  const target = parseTarget(text);
  if (target.kind === 'descriptor' || target.kind === 'inode') throw new Error('an address is wanted');
  return target;
}

function descriptor(number: number): Fd {
  const fd = held.find((one) => one.number === number);
  if (fd === undefined) throw new Error(`descriptor ${number} is not held`);
  return fd;
}

/** What a message is to carry, and how often it is to be sent. */
export interface SendOptions {
  /** In base64, for bytes that are no text. */
  readonly base64?: string;
  readonly stated?: Credential;
  readonly pass?: readonly number[];
  readonly times?: number;
}

function startChild([program = '', ...args]: string[], descriptors: number[]): number | undefined {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit', ...descriptors] });
  children.push(child);
  return child.pid;
}

/** The kernel gives numbers in turn, in each PID namespace: the next process or thread here gets this one. */
function makeNext(pid: number): void {
  writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
}

const commands = {
  /** @returns the listening descriptor */
  listen(address: string, type: Type = 'stream', backlog = 16): number {
    const socket = unix.openBlockingSocket(type);
    unix.bind(socket, addressOf(address));
    if (type !== 'dgram') unix.listen(socket, backlog);
    return hold(socket);
  },
  /** A socket with a name, and nothing more. */
  bindOnly(address: string, type: Type = 'stream'): number {
    const socket = unix.openBlockingSocket(type);
    unix.bind(socket, addressOf(address));
    return hold(socket);
  },
  /** listen(2) on a descriptor that is held or was inherited: the credential becomes ours. */
  listenOn(number: number): number {
    check(libc.listen(number, 16), 'listen');
    return number;
  },
  connect(address: string, type: Type = 'stream'): number {
    const socket = unix.openBlockingSocket(type);
    unix.connect(socket, addressOf(address));
    return hold(socket);
  },
  /** Waits for a client. @returns the accepted descriptor */
  accept(listener: number): number {
    return hold(new Fd(check(libc.accept4(listener, null, null, 0o2000000), 'accept4')));
  },
  /** A socket that is not connected. */
  socket(type: Type = 'stream'): number {
    return hold(unix.openBlockingSocket(type));
  },
  /** A socket of another family: AF_INET. */
  udp(): number {
    return hold(new Fd(check(libc.socket(2, 2 | uapi.SOCK_CLOEXEC, 0), 'socket')));
  },
  socketpair(type: Type = 'stream'): number[] {
    return unix.openSocketPair(type).map(hold);
  },
  /** @param own - empty for a name that the kernel chooses */
  bindAndConnect(own: string, address: string, type: Type = 'stream'): number {
    const socket = unix.openBlockingSocket(type);
    unix.bind(socket, own === '' ? { kind: 'unnamed' } : addressOf(own));
    unix.connect(socket, addressOf(address));
    return hold(socket);
  },
  send(number: number, text: string): number {
    const bytes = Buffer.from(text);
    return check(libc.send(number, bytes, bytes.length, 0), 'send');
  },
  /** sendmsg(2). @returns how many bytes each message took */
  sendmsg(number: number, text: string, { base64, stated, pass, times = 1 }: SendOptions = {}): number {
    const data = base64 === undefined ? Buffer.from(text) : Buffer.from(base64, 'base64');
    const parts = [
      ...(stated === undefined ? [] : [encodeCredential(stated)]),
      ...(pass === undefined ? [] : [encodeDescriptors(pass)]),
    ];
    const control = parts.length === 0 ? undefined : Buffer.concat(parts);
    let sent = 0;
    for (let time = 0; time < times; time++) sent = message.send(descriptor(number), { data, control });
    return sent;
  },
  /** Takes the descriptors that came with a message, which must be there already. */
  takePassed(number: number): number[] {
    const messages = new message.MessageReceiver(1).receive(descriptor(number), false);
    return messages.flatMap(({ ancillary }) => ancillary.passed.map(hold));
  },
  /** What the socket iterator tells us of a descriptor of ours. @param objects - directory of the BPF objects */
  recordOf(objects: string, fd: number): { holder: number; recordedPid: number; count: number } | undefined {
    using iterator = new SocketIterator(objects);
    const records = iterator.records();
    for (let index = 0; index < records.count; index++) {
      const holder = records.number(index, 'holder');
      if (holder !== process.pid || records.number(index, 'fd') !== fd) continue;
      return { holder, recordedPid: records.number(index, 'recordedPid'), count: records.count };
    }
    return undefined;
  },
  /** What we ourselves are told of the other end, in our namespaces: SO_PEERCRED. */
  peerCredential(number: number): Credential | undefined {
    return peerCredential(descriptor(number));
  },
  /** What PIDFD_GET_INFO answers of the other end's pidfd. */
  infoOfPeer(number: number, mask: number): string {
    using pidfd = peerPidfd(descriptor(number));
    return askInfo(pidfd, mask);
  },
  /** setsockopt(2) of a switch at SOL_SOCKET. */
  setOption(number: number, option: keyof typeof uapi & `SO_${string}`, on: boolean): true {
    const value = Buffer.alloc(4);
    value.writeInt32LE(on ? 1 : 0);
    check(libc.setsockopt(number, uapi.SOL_SOCKET, uapi[option], value, value.length), `setsockopt(${option})`);
    return true;
  },
  /** Opens a file. */
  open(path: string): number {
    return hold(new Fd(openSync(path, 'r')));
  },
  close(number: number): true {
    const fd = descriptor(number);
    held.splice(held.indexOf(fd), 1);
    fd[Symbol.dispose]();
    return true;
  },
  /** Starts a program that inherits descriptors as its 3, 4 and so on. @returns its pid */
  spawn(command: string[], ...descriptors: number[]): number | undefined {
    return startChild(command, descriptors);
  },
  /** The same for a program that takes a pid which nobody has now; only in a PID namespace of the test's own. */
  spawnAs(pid: number, command: string[]): number {
    makeNext(pid);
    const given = startChild(command, []);
    if (given !== pid) throw new Error(`pid ${given ?? 'none'} instead of ${pid}`);
    return given;
  },
  /** Starts a thread whose id is a pid that nobody has now. */
  threadAs(pid: number): true {
    makeNext(pid);
    new Worker('setInterval(() => undefined, 60_000)', { eval: true }).unref();
    if (!existsSync(`/proc/self/task/${pid}`)) throw new Error(`no thread has the number ${pid}`);
    return true;
  },
  setegid(gid: number): true {
    process.setegid?.(gid);
    return true;
  },
  setgid(gid: number): true {
    process.setgroups?.([]);
    process.setgid?.(gid);
    return true;
  },
  setuid(uid: number): true {
    process.setuid?.(uid);
    return true;
  },
  seteuid(uid: number): true {
    process.seteuid?.(uid);
    return true;
  },
  title(title: string): true {
    process.title = title;
    return true;
  },
  exit(status: number): never {
    process.exit(status);
  },
} as const satisfies Record<string, (...args: never[]) => unknown>;

export type PeerCommand = keyof typeof commands;

function answer(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function obey(line: string): void {
  const [name, ...args] = JSON.parse(line) as [PeerCommand, ...never[]];
  try {
    const command = (commands as Record<string, ((...given: never[]) => unknown) | undefined>)[name];
    if (command === undefined) throw new Error(`no command ${name}`);
    answer({ value: command(...args) });
  } catch (error) {
    answer({ error: String(error) });
  }
}

createInterface({ input: process.stdin })
  .on('line', obey)
  .on('close', () => {
    for (const child of children) child.kill('SIGKILL');
    process.exit(0);
  });
answer({ value: process.pid });
