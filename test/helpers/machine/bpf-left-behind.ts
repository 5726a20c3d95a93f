import { readdirSync } from 'node:fs';

import { callBpf } from '../../../native-probe/bpf/bpf-call.js';
import { programOfId } from '../../../native-probe/bpf/bpf-program.js';
import { cgroup2Mount } from '../../../native-probe/cgroup.js';
import { uapi } from '../../../native-probe/uapi.js';
import { waitFor } from '../wait-for.js';

/** The names of all BPF programs that are loaded now: bpf(BPF_PROG_GET_NEXT_ID). */
function programNames(): string[] {
  const names: string[] = [];
  const attr = Buffer.alloc(12);
  // It gives the id that comes after the one that was given
  while (callBpf(uapi.BPF_PROG_GET_NEXT_ID, attr) >= 0) {
    const id = attr.readUInt32LE(4);
    const program = programOfId(id);
    if (program !== undefined) names.push(program.name);
    attr.writeUInt32LE(id, 0);
  }
  return names;
}

/** The cgroups of peerpid's own, which have names that begin so. */
function ownCgroups(): string[] {
  return readdirSync(cgroup2Mount() ?? '').filter((name) => name.startsWith('peerpid-'));
}

/**
 * Does something, and waits until none of the cgroups and programs that it made are left: the
 * kernel lets go of a program a moment later, and others may run the same test meanwhile.
 *
 * @param program - the name of its programs
 */
export async function leavingNothing<T>(program: string, work: () => T | Promise<T>): Promise<T> {
  const before = new Set(ownCgroups());
  const result = await work();
  const left = ownCgroups().filter((name) => !before.has(name));
  await waitFor(`the cgroups ${left.join(' ')} are removed`, () => ownCgroups().every((name) => !left.includes(name)));
  await waitFor(`no program ${program} is loaded`, () => !programNames().includes(program));
  return result;
}
