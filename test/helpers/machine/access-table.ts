/** Sockets of many modes and access control lists in directories of many more: who may connect, tried and told. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, mkdirSync } from 'node:fs';

import type { Fd } from '../../../native-probe/fd.js';
import { bind, openSocket } from '../../../native-probe/unix-socket.js';
import type { Connecting } from '../programs/connect-as.js';
import { built } from '../running/program-root.js';
import { TemporaryDirectory } from './temporary.js';

/** Uids and gids that nobody has. */
const [ann, bob, staff, guests] = [61001, 61002, 62001, 62002] as const;
type Kind = readonly [name: string, uid: number, gid: number, mode: number, list?: string];

export const files: readonly Kind[] = [
  ['0666', 0, 0, 0o666],
  ['0600', 0, 0, 0o600],
  ['0660-staff', 0, staff, 0o660],
  ['0640-staff', 0, staff, 0o640],
  ['0606-staff', 0, staff, 0o606],
  ['0066-ann', ann, staff, 0o066],
  ['0600-ann', ann, 0, 0o600],
  ['0000', 0, 0, 0],
  ['0000-ann', ann, staff, 0],
  ['0222', ann, staff, 0o222],
  ['bob-rw', 0, staff, 0o600, 'u:61002:rw'],
  ['bob-none', 0, 0, 0o666, 'u:61002:---'],
  ['bob-masked', 0, staff, 0o660, 'u:61002:rw,m::r'],
  ['mask-empty', 0, staff, 0o606, 'u:61002:rw,m::---'],
  ['mask-empty-deny', 0, staff, 0o600, 'u:61002:rw,m::---'],
  ['guests-rw', 0, staff, 0o600, 'g:62002:rw'],
  ['guests-none', 0, staff, 0o666, 'g:62002:---'],
  ['guests-masked', 0, staff, 0o660, 'g:62002:rw,m::r'],
  ['both-groups', 0, staff, 0o600, 'g:62001:rw,g:62002:r'],
  ['two-groups', 0, staff, 0o660, 'g:62002:rw'],
  ['owning-and-named', 0, staff, 0o660, 'g:62001:---'],
  ['ann-in-list', ann, staff, 0o400, 'u:61001:rw'],
  ['owner-none-list', ann, staff, 0o060, 'u:61002:rw'],
  ['write-only', 0, staff, 0o600, 'u:61002:w,g:62002:w'],
  ['exec-only', 0, staff, 0o600, 'u:61002:x,g:62002:rx'],
];
export const directories: readonly Kind[] = [
  ['open', 0, 0, 0o755],
  ['closed', 0, 0, 0o700],
  ['read-only-others', 0, 0, 0o754],
  ['of-staff', 0, staff, 0o710],
  ['not-staff', 0, staff, 0o701],
  ['of-ann', ann, ann, 0o700],
  ['bob-x', 0, 0, 0o700, 'u:61002:x'],
  ['bob-none', 0, 0, 0o755, 'u:61002:r'],
  ['guests-masked', 0, 0, 0o700, 'g:62002:x,m::r'],
  ['mask-empty', 0, staff, 0o701, 'u:61002:---,m::---'],
];
export const users = [
  { uid: ann, gids: [ann] },
  { uid: bob, gids: [bob] },
  { uid: bob, gids: [bob, staff] },
  { uid: bob, gids: [guests] },
  { uid: 61003, gids: [61003, guests] },
  { uid: 61003, gids: [staff, guests] },
  { uid: 61003, gids: [61003] },
] as const;

/** What connect(2) answered, a row a user. */
export function connectAs(connecting: Connecting, wrapper: readonly string[] = []): string[][] {
  const [program, ...args] = [...wrapper, process.execPath, built('test/helpers/programs/connect-as.js')];
  return JSON.parse(execFileSync(program, args, { input: JSON.stringify(connecting), encoding: 'utf8' })) as string[][];
}

/** Each file in each directory. It takes root, and setfacl. */
export class AccessTable implements Disposable {
  readonly directory = new TemporaryDirectory();
  /** Those of all directories, file by file. */
  readonly paths: string[] = [];
  readonly #sockets: Fd[] = [];

  constructor() {
    const inside = (where: string, what: string): string => `${this.directory.file(`d-${where}`)}/${what}`;
    for (const [name] of directories) mkdirSync(this.directory.file(`d-${name}`));
    for (const kind of files) {
      const first = inside('open', kind[0]);
      const socket = openSocket('dgram');
      this.#sockets.push(socket);
      bind(socket, { kind: 'path', path: Buffer.from(first) });
      protect(first, kind);
      for (const [name] of directories) {
        const path = inside(name, kind[0]);
        if (path !== first) linkSync(first, path);
        this.paths.push(path);
      }
    }
    for (const kind of directories) protect(this.directory.file(`d-${kind[0]}`), kind);
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket[Symbol.dispose]();
    this.directory[Symbol.dispose]();
  }
}

function protect(path: string, [, uid, gid, mode, list]: Kind): void {
  chownSync(path, uid, gid);
  chmodSync(path, mode);
  if (list !== undefined) execFileSync('setfacl', [list.includes('m::') ? '-nm' : '-m', list, path]);
}
