import type { Namespaces } from '../../native-probe/namespaces.js';
import * as proc from '../../native-probe/proc/process.js';
import { type Reading, reading } from '../words/reading.js';

/** What /proc tells of a process, fact by fact. proc(5) */
export interface ProcFacts {
  readonly stat: Reading<proc.ProcessStat>;
  readonly status: Reading<proc.ProcessStatus>;
  readonly commandLine: Reading<readonly Buffer[]>;
  readonly executable: Reading<proc.Executable>;
  readonly workingDirectory: Reading<Buffer>;
  readonly cgroup: Reading<Buffer | undefined>;
  readonly loginUid: Reading<number | undefined>;
  readonly namespaces: Reading<Namespaces>;
}

/**
 * Reads /proc/PID: whoever has the number while it is read. It is for the
 * caller to find out whom that was, by asking a pidfd *afterwards*.
 */
export function readProcFacts(pid: number): ProcFacts {
  return {
    stat: reading(() => proc.processStat(pid)),
    status: reading(() => proc.processStatus(pid)),
    commandLine: reading(() => proc.processCommandLine(pid)),
    executable: reading(() => proc.processExecutable(pid)),
    workingDirectory: reading(() => proc.processWorkingDirectory(pid)),
    cgroup: reading(() => proc.processCgroup(pid)),
    loginUid: reading(() => proc.processLoginUid(pid)),
    namespaces: reading(() => proc.processNamespaces(pid)),
  };
}
