/** Who serves which connection, found in /proc as an administrator would. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import { waitFor } from '../wait-for.js';

export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Sockets of this address in /proc/net/unix: good enough for names that a test made up. */
function sockets(address: string): { listens: boolean; connected: boolean; inode: string }[] {
  const lines = readFileSync('/proc/net/unix', 'utf8').trim().split('\n').slice(1);
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[7] === address)
    .map(([, , , flags, , state, inode = '']) => ({ listens: flags === '00010000', connected: state === '03', inode }));
}

/** Whether something listens there, asked without a connection. */
export function isListening(address: string): boolean {
  return sockets(address).some(({ listens }) => listens);
}

/** The descriptors of a process that are connections accepted at this address, as an administrator finds them. */
export function acceptedBy(pid: number, address: string): number[] {
  const accepted = sockets(address).flatMap(({ connected, inode }) => (connected ? `socket:[${inode}]` : []));
  try {
    return readdirSync(`/proc/${pid}/fd`)
      .filter((fd) => accepted.includes(linkOf(`/proc/${pid}/fd/${fd}`)))
      .map(Number);
  } catch {
    return [];
  }
}

/** Waits until a process has accepted a connection there. @returns it as SOCKET */
export async function connectionOf(pid: number, address: string): Promise<string> {
  await waitFor(`${pid} accepts a connection at ${address}`, () => acceptedBy(pid, address).length > 0);
  return `/proc/${pid}/fd/${acceptedBy(pid, address)[0] ?? ''}`;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
