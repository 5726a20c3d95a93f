import { stillHas } from '../../native-probe/proc/fd-table.js';
import { isHeld } from '../../native-probe/proc/held-processes.js';
import { processStatus } from '../../native-probe/proc/process.js';
import { askEnvironment } from '../../native-probe/proc/process-strings.js';
import type { Holder } from '../../native-probe/proc/socket-holders.js';
import { activationIn, givenName } from '../socket/listen-fds.js';
import type { Holders } from '../socket/holders.js';
import type { Witness } from '../words/evidence.js';
import { type Reading, valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';

/** Holders whose environment is read: one may keep whoever reads it waiting until a limit. */
export const mostEnvironments = 4;

/**
 * The holders of a listener, and which of them were given it when they were started.
 *
 * @param otherEnd - asks for the inode number of the listener, or of its end of the connection; only where there is another holder
 * @param recorded - the process of record, which is not asked: it called listen(2) itself
 */
export function withGiven(
  holders: Holders,
  otherEnd: () => Reading<number>,
  recorded: number | undefined,
  witness: Witness,
): Holders {
  const others = holders.found.filter(({ pid }) => pid !== recorded && pid !== process.pid).slice(0, mostEnvironments);
  const inode = others.length === 0 ? undefined : valueOf(otherEnd());
  if (inode === undefined) return holders;
  const found = holders.found.map((holder) => {
    const given = others.includes(holder) ? nameGivenTo(holder, inode, witness) : undefined;
    return given === undefined ? holder : { ...holder, given };
  });
  return { ...holders, found };
}

/** @returns undefined where it was not given the socket, or that is not known */
function nameGivenTo(holder: Holder, inode: number, witness: Witness): Buffer | null | undefined {
  const { pid, fds } = holder;
  if (isHeld(pid)) return undefined;
  const asked = witness.ask(() => environmentOf(pid), {
    call: () => `read /proc/${pid}/environ`,
    answer: (activation) => (activation === undefined ? 'no LISTEN_FDS for it' : `LISTEN_FDS=${activation.count}`),
    concluded: (activation) =>
      activation === undefined
        ? 'it was given no socket when it was started'
        : `it was given ${namesOf(activation.names)}`,
  });
  const activation = valueOf(asked);
  // Else another process may have its number by now
  if (activation === undefined || !stillHas(holder, inode)) return undefined;
  return fds.map((fd) => givenName(activation, fd)).find((name) => name !== undefined);
}

function environmentOf(pid: number): ReturnType<typeof activationIn> {
  const { strings } = askEnvironment(pid).answer();
  return activationIn(strings, processStatus(pid).namespacePids.at(-1) ?? pid);
}

function namesOf(names: readonly Buffer[]): string {
  return names.length === 0 ? 'sockets without names' : names.map(textOf).join(', ');
}
