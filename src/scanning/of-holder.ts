import { openPidfd } from '../../native-probe/pidfd.js';
import type { Holder } from '../../native-probe/proc/socket-holders.js';
import { PinnedProcess } from '../identity/pinned-process.js';
import { reading, valueOf } from '../words/reading.js';

/**
 * What is read of a holder by its number; undefined also where nobody can say, or where the number is another process's
 * by now.
 */
export function ofHolder<T>({ pid, pidfdId }: Holder, read: () => T): T | undefined {
  return valueOf(
    reading(() => {
      using process = new PinnedProcess(openPidfd(pid));
      if (process.id !== pidfdId) return undefined;
      const value = read();
      return process.stillHas(pid) ? value : undefined;
    }),
  );
}
