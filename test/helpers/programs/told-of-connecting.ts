/** Takes what connect-as.ts takes, and prints in the same way what mayConnect() says of each user and path. */
import { readFileSync } from 'node:fs';

import { mayConnect } from '../../../src/socket/access/may-connect.js';
import { wayTo } from '../../../src/socket/access/way.js';
import type { Connecting } from './connect-as.js';

const { users, paths } = JSON.parse(readFileSync(0, 'utf8')) as Connecting;
const ways = paths.map((path) => wayTo(Buffer.from(path)));
const rows = users.map(({ uid, gids }) =>
  ways.map((way) =>
    mayConnect({ uid, gids, capabilities: uid === 0 ? ~0n & 0x1ffffffffffn : 0n, maps: () => true }, way),
  ),
);
process.stdout.write(JSON.stringify(rows.map((row) => row.map(({ may }) => may))));
