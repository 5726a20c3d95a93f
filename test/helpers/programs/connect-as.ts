/**
 * Connects as each of many users to each of many paths. It takes `{users: [{uid, gids}], paths}` on standard input, and
 * prints for each user a row with what connect(2) of a datagram socket answered for each path: 0, or an errno's name.
 */
import { readFileSync } from 'node:fs';

import { SyscallError } from '../../../native-probe/syscall-error.js';
import { connect, openSocket } from '../../../native-probe/unix-socket.js';

export interface Connecting {
  /** Without any: as whoever runs this. */
  readonly users: readonly { readonly uid: number; readonly gids: readonly [number, ...number[]] }[];
  readonly paths: readonly string[];
}

function answer(path: string): string {
  using socket = openSocket('dgram');
  try {
    connect(socket, { kind: 'path', path: Buffer.from(path) });
    return '0';
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return error.code;
  }
}

const { users, paths } = JSON.parse(readFileSync(0, 'utf8')) as Connecting;
const rows = users.map(({ uid, gids: [gid, ...others] }) => {
  process.setgroups?.([...others]);
  process.setegid?.(gid);
  process.seteuid?.(uid);
  const row = paths.map(answer);
  process.seteuid?.(0);
  process.setegid?.(0);
  return row;
});
process.stdout.write(JSON.stringify(users.length === 0 ? [paths.map(answer)] : rows));
