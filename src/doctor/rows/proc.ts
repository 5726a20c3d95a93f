import { readdirSync } from 'node:fs';

import { pidfdNumbers } from '../../../native-probe/proc/fdinfo.js';
import { processStatus } from '../../../native-probe/proc/process.js';
import { procHidesProcesses, procIsOurs } from '../../../native-probe/proc/system.js';
import { asSyscall, SyscallError } from '../../../native-probe/syscall-error.js';
import { reading, refusalOf } from '../../words/reading.js';
import { connectedClient } from '../client.js';
import { doesNot, mayNot, notTried, refused, type Row, works } from '../row.js';

const ownMount =
  'Mount one: `unshare --mount --pid --fork --mount-proc`, or `mount -t proc proc /proc` in a container.';

const procMounted: Row = {
  id: 'proc',
  group: 'proc',
  name: '/proc',
  tried: '/proc/self/status, /proc/PID/status of a child',
  without: 'What a process is: its command, executable, user, unit; and who has a socket open.',
  try: () => {
    const ours = procIsOurs();
    if (ours === undefined) return doesNot('It does not show us: none is mounted.', ownMount);
    if (!ours) return doesNot('It is of another PID namespace, so its PIDs are not ours.', ownMount);
    using client = connectedClient();
    const asked = reading(() => processStatus(client.pid).namespacePids.length);
    if ('error' in asked) return refused(asked.error, 'It does not show a test client.');
    return works('is of our PID namespace, and shows a test client');
  },
};

const hidepid: Row = {
  id: 'proc-hidepid',
  group: 'proc',
  name: '/proc without hidepid',
  since: '3.3',
  tried: '/proc/self/mountinfo, stat(/proc/1)',
  without: 'Who has a PID, where that is another user’s process; the commands and units of such peers.',
  try: () => {
    if (procIsOurs() !== true) return notTried('There is no /proc of our PID namespace.');
    return procHidesProcesses()
      ? mayNot(
          'It is mounted with hidepid, and process 1, which is another user’s, is hidden from us.',
          'Run it as root, or as a member of the group that its mount option gid= names (`grep /proc /proc/mounts`).',
        )
      : works('shows the processes of other users too');
  },
};

const fdinfo: Row = {
  id: 'proc-fdinfo',
  group: 'proc',
  name: '/proc/self/fdinfo',
  since: '5.2',
  tried: '/proc/self/fdinfo of the pidfd of a child',
  without: 'The PID of a pidfd’s process before Linux 6.13.',
  try: () => {
    using client = connectedClient();
    const asked = reading(() => pidfdNumbers(client.pidfd).pid);
    if ('error' in asked) {
      return asked.error.code === 'ENOENT'
        ? doesNot('It is not there.', ownMount, asked.error)
        : refused(asked.error, 'It says nothing of a pidfd.');
    }
    if (asked.value === client.pid) return works('shows the PID of a pidfd’s process');
    return doesNot(`It says ${asked.value} of a pidfd of PID ${client.pid}.`, ownMount);
  },
};

const othersDescriptors: Row = {
  id: 'proc-others',
  group: 'proc',
  name: '/proc/PID/fd of others',
  tried: 'readdir of /proc/PID/fd of every other process',
  without: 'Who else has a socket open: `inspect` and `scan` count and name those that they could not look at.',
  try: () => {
    const { seen, refusals, first } = lookAtOthers();
    const all = seen + refusals;
    if (all === 0) return notTried('No other process is shown.');
    if (first === undefined) return works(`may be read of all other processes (${all})`);
    const trial = mayNot(
      `May not be read of ${refusals} of ${all} other processes.`,
      'This needs CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH over them, as root has in the initial user namespace, unless a security module or a sandbox forbids it.',
    );
    return { ...trial, error: refusalOf(first) };
  },
};

/** Tries to read the descriptors of every other process, kernel threads among them. */
function lookAtOthers(): { seen: number; refusals: number; first: SyscallError | undefined } {
  let [seen, refusals] = [0, 0];
  let first: SyscallError | undefined;
  for (const entry of asSyscall('/proc', () => readdirSync('/proc'))) {
    if (!/^[0-9]+$/.test(entry) || Number(entry) === process.pid) continue;
    const directory = `/proc/${entry}/fd`;
    try {
      asSyscall(directory, () => readdirSync(directory));
      seen += 1;
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      // it has ended meanwhile
      if (error.code === 'ENOENT' || error.code === 'ESRCH') continue;
      refusals += 1;
      first ??= new SyscallError(error.syscall, error.errno, '/proc/PID/fd');
    }
  }
  return { seen, refusals, first };
}

export const procRows: readonly Row[] = [procMounted, hidepid, fdinfo, othersDescriptors];
