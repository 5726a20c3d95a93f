import type { Refusal } from '../words/reading.js';

/** Whether something can be done here: yes; the kernel does not have it; it may not be done; it is not known. */
export type Ability = 'works' | 'does-not' | 'may-not' | 'not-tried';

/** What a row is about. */
export type RowGroup = 'credentials' | 'messages' | 'pidfds' | 'looking' | 'proc' | 'system' | 'bpf';

/** One thing that was tried for real. */
export interface DoctorRow {
  /** Stable: what `peerpid doctor ID` takes. */
  readonly id: string;
  readonly group: RowGroup;
  /** As in the manual pages. */
  readonly name: string;
  readonly ability: Ability;
  /** What was done to try it: the calls. */
  readonly tried: string;
  /** What was seen, in a sentence. */
  readonly detail: string;
  /** The system call that failed, and how. */
  readonly error?: Refusal;
  /** The Linux version that has it first; absent when it is older than 3.0, or no part of the kernel. */
  readonly since?: string;
  /** What peerpid cannot know without it; absent when it works. */
  readonly without?: string;
  /** What makes it work, exactly: a sysctl, a mount, a capability, a kernel version. */
  readonly fix?: string;
}

/** Whether a service of the system uses pidfds. */
export interface ServiceRow {
  /** Its package's name, such as `dbus-daemon`. */
  readonly id: string;
  /** As its program says, or another of the same package; absent when none does. */
  readonly version?: string;
  /** Where its program is. */
  readonly program: string;
  /** Whether one is running now; absent when /proc does not say. */
  readonly running?: boolean;
  /** The first version that uses pidfds, as released upstream. */
  readonly since: string;
  readonly usesPidfds: 'yes' | 'no' | 'not-known';
  /** What it uses them for, or what it goes by without them, in sentences. */
  readonly detail: string;
}

/** What `peerpid doctor --json` prints. It has no host names, so that it can go into a bug report. */
export interface DoctorDocument {
  readonly peerpid: string;
  readonly node: string;
  readonly kernel: {
    /** uname -r */
    readonly release: string;
    /** As Node names it: x64 or arm64. */
    readonly architecture: string;
  };
  readonly user: {
    /** Effective. */
    readonly uid: number;
    /** Of its effective capabilities, those that peerpid can make use of. */
    readonly capabilities: readonly string[];
    /** Whether a seccomp filter is on it: none of its calls need be answered by the kernel. Absent when /proc does not say. */
    readonly seccomp?: boolean;
  };
  /** Whether verdicts are possible; absent when single rows were asked for. */
  readonly verdicts?: {
    /** Absent when that could not be tried. */
    readonly possible?: boolean;
    /** In a sentence: which, and which not. */
    readonly detail: string;
  };
  readonly rows: readonly DoctorRow[];
  readonly services: readonly ServiceRow[];
}
