import type { Namespaces } from '../../native-probe/namespaces.js';

/** The kinds of namespace in which two processes differ. */
export function differingNamespaces(theirs: Namespaces, ours: Namespaces): (keyof Namespaces)[] {
  return (Object.keys(theirs) as (keyof Namespaces)[]).filter((kind) => ours[kind] !== theirs[kind]);
}
