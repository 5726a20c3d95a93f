import type { Namespaces } from '../../native-probe/namespaces.js';
import type { Ids } from '../../native-probe/pidfd.js';
import type { Activity } from '../../native-probe/proc/process-activity.js';
import type { ProcessState } from '../identity/pinned-process.js';
import type { ExitStatus } from '../identity/wait-status.js';
import type { Container } from './container.js';

/** A process. Fields that are not known are absent, and have a row in `unavailable`. */
export interface ProcessDocument {
  /** 0 when it has no PID in this PID namespace; absent when it is reaped. */
  readonly pid?: number;
  readonly pidfdId?: number;
  /**
   * Of /proc/sys/kernel/random/boot_id: with `pid` and `pidfdId` it names a process beyond this boot.
   * @pattern ^[0-9a-f]{32}$
   */
  readonly bootId?: string;
  readonly state: ProcessState;
  /**
   * What keeps a running process from going on: a signal of job control (`stopped`), its tracer (`traced`), or its
   * frozen cgroup (`frozen`); its first thread may be in _exit(2) (`ending`), or have ended while others run on. Null
   * where nothing of that is seen.
   */
  readonly activity?: Activity | null;
  /** Null while it runs, or where the kernel does not say. */
  readonly exitStatus: ExitStatus | null;
  /** The process, where the PID is only a thread's. */
  readonly threadOf?: number;
  readonly comm?: string;
  readonly exe?: string;
  /** The arguments in the first 65,536 bytes of the command line. */
  readonly cmdline?: readonly string[];
  /**
   * How many bytes the command line has, where `cmdline` has only the first 65,536 of them: by arg_start and arg_end of
   * /proc/PID/stat, which the process may have set. Null where those may not be seen; absent where nothing was cut.
   */
  readonly cmdlineBytes?: number | null;
  readonly cwd?: string;
  readonly uids?: Ids;
  readonly gids?: Ids;
  readonly groups?: readonly number[];
  readonly cgroup?: string | null;
  /** The innermost slice of the system's systemd; null where the path of the cgroup begins with none. */
  readonly slice?: string | null;
  /** The unit of the system's systemd, by the cgroup. */
  readonly unit?: string | null;
  /** The unit of a user's own systemd, which that user may name as any service; null where there is none. */
  readonly userUnit?: string | null;
  /** The id of the login session, by the cgroup; null where it is in that of none. */
  readonly session?: string | null;
  /**
   * Which run of `unit` has the cgroup now, as systemd wrote it there: INVOCATION_ID of systemd.exec(5). Null where it
   * wrote none; an inspection alone has it, of a process that /proc shows.
   * @pattern ^[0-9a-f]{32}$
   */
  readonly invocationId?: string | null;
  /** By the cgroup; below a user's own systemd its name is that user's to choose, too. */
  readonly container?: Container | null;
  /** Null when nobody logged in for it. */
  readonly loginUid?: number | null;
  /**
   * ISO 8601.
   * @format date-time
   */
  readonly startTime?: string;
  /** The inode number of each namespace. */
  readonly namespaces?: Namespaces;
  /**
   * Its effective ids as they are in its own user namespace, where that is another than peerpid's: `capabilities` hold
   * there. An id is null that is not mapped there. Null where the namespace is ours.
   */
  readonly inUserNamespace?: { readonly uid: number | null; readonly gid: number | null } | null;
  /** The effective set, in its own user namespace. */
  readonly capabilities?: readonly string[];
  readonly noNewPrivs?: boolean;
  readonly seccomp?: 'disabled' | 'strict' | 'filter';
  /** Null when nobody traces it. */
  readonly tracerPid?: number | null;
}
