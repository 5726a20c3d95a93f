import { readFileSync } from 'node:fs';

import { cgroup2Mount, cgroupOfId } from '../../../native-probe/cgroup.js';
import { pidfdInfo } from '../../../native-probe/pidfd.js';
import { readProc } from '../../../native-probe/proc/read.js';
import { securityModules } from '../../../native-probe/security-modules.js';
import { asSyscall } from '../../../native-probe/syscall-error.js';
import { reading, valueOf } from '../../words/reading.js';
import { textOf } from '../../words/text.js';
import { connectedClient } from '../client.js';
import { doesNot, notTried, refused, type Row, works } from '../row.js';
import { dBus } from './d-bus.js';
import { loadedCode } from './loaded-code.js';
import { userNamespaces } from './user-namespaces.js';

const cgroup: Row = {
  id: 'cgroup',
  group: 'system',
  name: 'cgroup v2',
  since: '4.5',
  tried: '/proc/self/mountinfo, open_by_handle_at(2) of the cgroup id of a child that is gone',
  without: 'The unit or container of a peer that has ended, by its cgroup id.',
  try: () => {
    const mount = cgroup2Mount();
    const lines = readProc('/proc/self/cgroup').toString('latin1').trimEnd().split('\n');
    const hasVersion1 = lines.some((line) => !line.startsWith('0::'));
    if (mount === undefined) {
      return doesNot(
        hasVersion1 ? 'It is not mounted here, and version 1 is in use.' : 'It is not mounted here.',
        'Mount it: `mount -t cgroup2 none /sys/fs/cgroup`, or boot with systemd.unified_cgroup_hierarchy=1.',
      );
    }
    const kind = hasVersion1 ? 'hybrid (version 1 too)' : 'version 2 alone';
    using client = connectedClient();
    client.end();
    const id = valueOf(reading(() => pidfdInfo(client.pidfd).cgroupId));
    if (id === undefined) return works(`${kind}; PIDFD_GET_INFO gives no cgroup id of a child that has ended`);
    const found = reading(() => cgroupOfId(id));
    if ('error' in found) return refused(found.error, `It is mounted, ${kind}, and cannot be looked into.`);
    return found.value === undefined
      ? doesNot(`It is mounted, ${kind}, and a child’s cgroup is not below it.`, 'Look from the host.')
      : works(`${kind}; the cgroup of a child that has ended is found`);
  },
};

const modules: Row = {
  id: 'lsm',
  group: 'system',
  name: 'security modules (LSM)',
  since: '4.11',
  tried: 'lsm_list_modules(2), or /sys/kernel/security/lsm; /proc/self/attr/current',
  without: 'Which module may be behind a refusal, or gives labels.',
  try: () => {
    const listed = reading(securityModules);
    if ('value' in listed) return works(`${listed.value.join(', ') || 'none'}${ownLabel()}`);
    // Before Linux 6.8, which has the call first: the file, where securityfs is mounted
    const path = '/sys/kernel/security/lsm';
    const written = reading(() => asSyscall(path, () => readFileSync(path, 'latin1').trim().split(',')));
    if ('value' in written) return works(`${written.value.join(', ')}${ownLabel()}`);
    const fix = written.error.code === 'ENOENT' ? '`mount -t securityfs none /sys/kernel/security`.' : undefined;
    return { ...notTried(`Which ones are active is not known${ownLabel()}.`, fix), error: written.error };
  },
};

/** The label that a security module gives this process. proc_pid_attr(5) */
function ownLabel(): string {
  const label = valueOf(reading(() => readProc('/proc/self/attr/current')));
  const text = label === undefined ? '' : textOf(label).replace(/[\0\n]+$/, '');
  return text === '' ? '' : `; we are ${text}`;
}

export const systemRows: readonly Row[] = [cgroup, userNamespaces, modules, loadedCode, dBus];
