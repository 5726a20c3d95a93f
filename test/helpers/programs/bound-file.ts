/** Prints where the file of a socket is, as whoever runs it is told: INODE PID FD... */
import { socketOfInode } from '../../../native-probe/sock-diag.js';
import { boundFile } from '../../../src/scanning/bound-file/bound-file.js';

const [inode = 0, pid = 0, ...fds] = process.argv.slice(2).map(Number);
const socket = socketOfInode(inode);
const found = socket && boundFile(socket, [{ pid, fds }]);
process.stdout.write(
  JSON.stringify(found, (key, value: unknown) =>
    typeof value === 'bigint' ? Number(value) : key === 'to' ? Buffer.from(value as Buffer).toString() : value,
  ),
);
