import { unitsOfCgroup } from '../identity/unit.js';
import type { Reading } from '../words/reading.js';
import { textOf } from '../words/text.js';
import { containerOfCgroup } from './container.js';
import type { ProcessDocument } from './process-document.js';
import type { Take } from './unavailable.js';

/** The cgroup, and what its path tells. @param read - null inside when the process is in none that can be seen */
export function describeCgroup(read: Reading<Buffer | null>, take: Take): Partial<ProcessDocument> {
  const cgroup = take('cgroup', read);
  if (cgroup === undefined) {
    for (const fact of Object.keys(nowhere)) take(fact, read);
    return {};
  }
  if (cgroup === null) return { cgroup: null, ...nowhere };
  const path = textOf(cgroup);
  return { cgroup: path, ...placesNamedBy(path) };
}

/** Where a process belongs by the path of its cgroup. */
type Places = Required<Pick<ProcessDocument, 'slice' | 'unit' | 'userUnit' | 'session' | 'container'>>;

const nowhere: Places = { slice: null, unit: null, userUnit: null, session: null, container: null };

/** What paths tell, which many processes share. */
const byPath = new Map<string, Places>();
const mostKept = 256;

/** What the path of a cgroup names: units, session and container; null for none. @param path - as textOf() has it */
export function placesNamedBy(path: string): Places {
  let places = byPath.get(path);
  if (places === undefined) {
    if (byPath.size >= mostKept) byPath.clear();
    byPath.set(path, (places = placesIn(path)));
  }
  return places;
}

function placesIn(path: string): Places {
  const { slice, unit, userUnit, session } = unitsOfCgroup(path);
  return {
    slice: slice ?? null,
    unit: unit ?? null,
    userUnit: userUnit ?? null,
    session: session ?? null,
    container: containerOfCgroup(path) ?? null,
  };
}
