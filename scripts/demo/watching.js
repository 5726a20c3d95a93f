import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Whether `peerpid listen` has told of a client: it holds a pidfd from accept(2) on, and sleeps when all is printed. */
export function hasTold(pid) {
  const directory = `/proc/${pid}/fd`;
  const sleeps = /\) S /.test(readOr('', () => readFileSync(`/proc/${pid}/stat`, 'utf8')));
  return sleeps && readOr([], () => readdirSync(directory)).some((fd) => isPidfd(`${directory}/${fd}`));
}

function isPidfd(path) {
  // The second is what it was called before Linux 6.9
  return /^(?:pidfd:|anon_inode:\[pidfd\])/.test(readOr('', () => readlinkSync(path)));
}

/** A process or descriptor may be gone by now. */
function readOr(otherwise, read) {
  try {
    return read();
  } catch (error) {
    if (!['ENOENT', 'ESRCH', 'EACCES'].includes(error.code)) throw error;
    return otherwise;
  }
}
