import type { Reading } from '../words/reading.js';
import { textOf } from '../words/text.js';
import type { ProcessDocument } from './process-document.js';
import type { Take } from './unavailable.js';
import { containerOfCgroup, unitsOfCgroup } from './unit.js';

/** The cgroup, and what its path tells. @param read - null inside when the process is in none that can be seen */
export function describeCgroup(read: Reading<Buffer | null>, take: Take): Partial<ProcessDocument> {
  const cgroup = take('cgroup', read);
  if (cgroup === undefined) {
    for (const fact of ['unit', 'userUnit', 'container']) take(fact, read);
    return {};
  }
  if (cgroup === null) return { cgroup: null, unit: null, userUnit: null, container: null };
  const path = textOf(cgroup);
  const { unit, userUnit } = unitsOfCgroup(path);
  return {
    cgroup: path,
    unit: unit ?? null,
    userUnit: userUnit ?? null,
    container: containerOfCgroup(path) ?? null,
  };
}
