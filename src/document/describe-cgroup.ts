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
  let named = byPath.get(path);
  if (named === undefined) {
    if (byPath.size >= mostKept) byPath.clear();
    byPath.set(path, (named = namedBy(path)));
  }
  return { cgroup: path, ...named };
}

/** What paths tell, which many processes share. */
const byPath = new Map<string, ReturnType<typeof namedBy>>();
const mostKept = 256;

function namedBy(path: string): Required<Pick<ProcessDocument, 'unit' | 'userUnit' | 'container'>> {
  const { unit, userUnit } = unitsOfCgroup(path);
  return { unit: unit ?? null, userUnit: userUnit ?? null, container: containerOfCgroup(path) ?? null };
}
