/** One thing that a service uses pidfds for. */
export interface PidfdUse {
  /** The first version of the service that does so, as released upstream. */
  readonly since: string;
  /** Continues a sentence that begins with the service: `pins ...`. */
  readonly does: string;
}

/** A service of the system that tells who is at the other end of a socket. */
export interface KnownService {
  /** Its package's name. */
  readonly id: string;
  /** Where its program may be: only directories of the system, whatever $PATH says. */
  readonly programs: readonly string[];
  /** Which program of the package tells the version, where the service's own cannot. */
  readonly tellers?: readonly string[];
  /** What the program that tells the version prints before it. */
  readonly says: string;
  /** Its name as a process, proc_pid_comm(5). */
  readonly comm: string;
  /** From the oldest to the newest. */
  readonly uses: readonly [PidfdUse, ...PidfdUse[]];
  /** What the service goes by when it uses no pidfds. Continues a sentence that begins with the service: `goes by ...`. */
  readonly otherwise: string;
  /** Which part of the service goes by the PID still, in a sentence. */
  readonly still?: string;
}

/**
 * What each service does with pidfds that the kernel or the bus gave, by its release notes (NEWS) and its source; not
 * what it does with pidfds of its own children, or with those that it opened from a number.
 */
export const knownServices: readonly KnownService[] = [
  {
    // 255.4 has neither SO_PEERPIDFD nor SO_PASSPIDFD. NEWS of 256, pull requests 31106 (sd-bus) and 32474 (Varlink);
    // of 257, pull request 33791; of 258. journald: issue 2913, and the sockets of 262.1 have PassCredentials= alone.
    id: 'systemd',
    programs: ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'],
    says: 'systemd',
    comm: 'systemd',
    uses: [
      { since: '256', does: 'pins the peers of its D-Bus and Varlink connections' },
      { since: '257', does: 'pins the senders of sd_notify(3)' },
      { since: '258', does: 'follows login sessions by a pidfd of their leader' },
    ],
    otherwise: 'goes by the PID of SO_PEERCRED and SCM_CREDENTIALS',
    still: 'Its journald goes by the PID, up to 262 at least.',
  },
  {
    // NEWS of 1.15.8, which led to the stable 1.16; 1.16.2 has #ifdef SO_PEERPIDFD in dbus-sysdeps-unix.c
    id: 'dbus-daemon',
    programs: ['/usr/bin/dbus-daemon', '/bin/dbus-daemon'],
    says: 'D-Bus Message Bus Daemon',
    comm: 'dbus-daemon',
    uses: [
      {
        since: '1.15.8',
        does: 'pins its clients and hands out the pidfd as ProcessFD, if it was built with the headers of Linux 6.5 or newer',
      },
    ],
    otherwise: 'hands out the PID of SO_PEERCRED as ProcessID',
  },
  {
    // NEWS of 34, pull request 312; 37 brings the number of SO_PEERPIDFD itself, in sockopt.c
    id: 'dbus-broker',
    programs: ['/usr/bin/dbus-broker'],
    says: 'dbus-broker',
    comm: 'dbus-broker',
    uses: [{ since: '34', does: 'pins its clients and hands out the pidfd as ProcessFD' }],
    otherwise: 'hands out the PID of SO_PEERCRED as ProcessID',
  },
  {
    // NEWS of 124; 126 asks for ProcessFD in polkitsystembusname.c, and where there is none opens a pidfd from the PID
    // in polkitunixprocess.c. polkitd has no --version, in 128 still not.
    id: 'polkit',
    programs: ['/usr/lib/polkit-1/polkitd', '/usr/libexec/polkitd', '/usr/libexec/polkit-1/polkitd'],
    tellers: ['/usr/bin/pkaction'],
    says: 'pkaction version',
    comm: 'polkitd',
    uses: [{ since: '124', does: 'goes by the ProcessFD of who asks, if the bus hands one out' }],
    otherwise: 'goes by the PID that the bus hands out, and by when that process started',
  },
];
