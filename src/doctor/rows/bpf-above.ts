import { attachedPrograms } from '../../../native-probe/bpf/bpf-attachment.js';
import { programOfId } from '../../../native-probe/bpf/bpf-program.js';
import { ownCgroupDirectories } from '../../../native-probe/cgroup.js';
import { openFile } from '../../../native-probe/fd.js';
import { uapi } from '../../../native-probe/uapi.js';
import { reading, valueOf } from '../../words/reading.js';
import { doesNot, notTried, type Row, works } from '../row.js';
import { bpfRefused } from './bpf-refused.js';

/** A program for getsockopt(2) that is attached to our cgroup or to one above it. */
interface AttachedProgram {
  readonly id: number;
  /** The directory of the cgroup that the program is attached to; undefined when that is above those seen here. */
  readonly at: string | undefined;
}

export const bpfAbove: Row = {
  id: 'bpf-above',
  group: 'bpf',
  name: 'getsockopt(2) without BPF',
  since: '5.3',
  tried: 'bpf(BPF_PROG_QUERY) on the cgroup of this process, effective, and on each above it',
  without: 'Whether a PID that this process sees is the kernel’s own answer: only the pidfd is.',
  try: () => {
    const directories = ownCgroupDirectories();
    const [own] = directories;
    if (own === undefined) {
      return notTried(
        'No cgroup v2 tree that is mounted here shows the cgroup of this process.',
        '`mount -t cgroup2 none DIRECTORY`, as root, or look from the host.',
      );
    }
    const opened = reading(() => openFile(own, uapi.O_DIRECTORY));
    if ('error' in opened) {
      return { ...notTried('The cgroup of this process cannot be looked at.'), error: opened.error };
    }
    using cgroup = opened.value;
    const asked = reading(() => attachedPrograms(cgroup, 'effective'));
    if ('error' in asked) return bpfRefused(asked.error, 'We may not see which programs are attached.');
    if (asked.value.length === 0) {
      return works(
        'no program is attached to the cgroup of this process or above it; the cgroup of a client may have one',
      );
    }
    const attached = locate(asked.value, directories);
    return doesNot(
      `${attached.map(described).join('; ')}. What SO_PEERCRED says here may be rewritten or refused.`,
      attached.map(fixOf).join(' '),
    );
  },
};

/** @param directories - from our own cgroup's upwards */
function locate(ids: readonly number[], directories: readonly string[]): AttachedProgram[] {
  const own = directories.map((directory) => ({ directory, programs: programsOn(directory) }));
  return ids.map((id) => ({ id, at: own.find(({ programs }) => programs.includes(id))?.directory }));
}

/** The programs attached to this cgroup itself; none of a cgroup that may not be looked at. */
function programsOn(directory: string): number[] {
  const asked = reading(() => {
    using cgroup = openFile(directory, uapi.O_DIRECTORY);
    return attachedPrograms(cgroup, 'own');
  });
  return valueOf(asked) ?? [];
}

function described({ id, at }: AttachedProgram): string {
  // Who loaded it gave the name
  const program = valueOf(reading(() => programOfId(id)));
  const name = program === undefined || program.name === '' ? 'A program' : `Program ${program.name}`;
  const loadedBy = program === undefined ? '' : `, loaded by uid ${program.loadedBy}`;
  return `${name} (id ${id}${loadedBy}) is attached to ${at ?? 'a cgroup above those that are seen here'}`;
}

function fixOf({ id, at }: AttachedProgram): string {
  if (at === undefined) return `Ask on the host what program ${id} is for: \`bpftool cgroup tree\` shows where it is.`;
  return `Ask whoever loaded it what it is for (\`bpftool prog show id ${id}\`), as it may be there to protect something. Otherwise \`bpftool cgroup detach ${quoted(at)} getsockopt id ${id}\` removes it, unless a link holds it (\`bpftool link\`).`;
}

/** Quoted for a shell: whoever made the cgroup chose its name. */
function quoted(path: string): string {
  return /^[\w./:@-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
