import { askProcess } from '../../../native-probe/proc/asked-process.js';
import { openPath, pathOf } from '../../../native-probe/paths.js';
import { processName, processStatus } from '../../../native-probe/proc/process.js';
import { readProcNumbers } from '../../../native-probe/proc/read.js';
import { procHidesProcesses, procIsOurs } from '../../../native-probe/proc/system.js';
import { reading, valueOf } from '../../words/reading.js';

/** The processes that run programs now, by their names. */
export interface Processes {
  /** As in `comm`: bytes as latin1, at most 15. */
  readonly byName: ReadonlyMap<string, readonly number[]>;
  /** Whether /proc shows the processes of every user. */
  readonly complete: boolean;
}

/** Reads from /proc which processes there are, without kernel threads and zombies: what nobody keeps from being read. */
export function processesNow(): Processes {
  const byName = new Map<string, number[]>();
  // The numbers in another PID namespace's /proc are of other processes
  const numbers = procIsOurs() === true ? valueOf(reading(() => readProcNumbers('/proc'))) : undefined;
  if (numbers === undefined) return { byName, complete: false };
  for (const pid of numbers) {
    const hasMemory = valueOf(reading(() => processStatus(pid).hasMemory));
    const name = hasMemory === true ? valueOf(reading(() => processName(pid).toString('latin1'))) : undefined;
    if (name === undefined) continue;
    const pids = byName.get(name);
    if (pids === undefined) byName.set(name, [pid]);
    else pids.push(pid);
  }
  return { byName, complete: !procHidesProcesses() };
}

/**
 * Whether a program is running: by the executable where we may see that, else by the name alone, which any process
 * can give itself. Undefined when no process is seen and there may be others, or the program is not to be looked at.
 *
 * @param program - the path of its file
 * @param name - as in `comm`
 */
export function isRunning({ byName, complete }: Processes, program: string, name: string): boolean | undefined {
  const opened = reading(() => {
    using file = openPath(Buffer.from(program), program);
    return pathOf(file);
  });
  if ('error' in opened) return undefined;
  const path = opened.value;
  const one = (byName.get(name) ?? []).some((pid) => isNotContained(pid) && runsFile(pid, path));
  return one || (complete ? false : undefined);
}

/** A process in a PID namespace below ours is a container's, which has programs of its own at the same paths. */
function isNotContained(pid: number): boolean {
  return valueOf(reading(() => processStatus(pid).namespacePids.length)) === 1;
}

function runsFile(pid: number, path: Buffer): boolean {
  const executable = reading(() => askProcess(pid).executable());
  return 'error' in executable ? !isGone(executable.error.code) : executable.value.path.equals(path);
}

function isGone(code: string): boolean {
  return code === 'ENOENT' || code === 'ESRCH';
}
