/**
 * The names of sockets for the completion of a shell, which asks at each Tab: nothing but one read, and no library. What
 * is shown by commands comes from sock_diag(7); /proc/net/unix can be made to show false rows, which is no harm here.
 */
import { closeSync, openSync, readSync } from 'node:fs';

import { sanitise } from '../words/sanitise.js';

/** Bytes of the list that are read; beyond some thousand sockets nobody chooses from a list. */
const mostRead = 512 * 1024;

/** Lines of paths and abstract names that sockets are bound to now, each once, which a shell can have as they are. proc(5) */
export function socketNames(): string {
  const names = new Set<string>();
  for (const line of readList().split('\n')) {
    const name = /^[\da-f]{8,16}: (?:[\da-f]+ ){5} *\d+ (\S.*)$/i.exec(line)?.[1];
    if (name !== undefined && sanitise(name) === name && !name.includes('\ufffd')) names.add(name);
  }
  return [...names]
    .sort()
    .map((name) => `${name}\n`)
    .join('');
}

function readList(): string {
  const fd = openSync('/proc/net/unix', 'r');
  try {
    const buffer = Buffer.alloc(mostRead);
    let length = 0;
    for (;;) {
      const count = readSync(fd, buffer, length, mostRead - length, null);
      length += count;
      if (count === 0 || length === mostRead) break;
    }
    const list = buffer.toString('utf8', 0, length);
    // The last line may have been cut
    return list.slice(0, list.lastIndexOf('\n') + 1);
  } finally {
    closeSync(fd);
  }
}
