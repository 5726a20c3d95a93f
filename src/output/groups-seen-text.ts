import type { IdsSeenDocument } from '../document/seen-by-document.js';
import { fewOf, mostGroupsNamed } from '../words/few.js';
import { idText } from './who.js';

/** Supplementary groups in the eyes of a service: `4 (adm) 27 (no name)`. */
export function groupsSeenText(groups: NonNullable<IdsSeenDocument['groups']>): string {
  return fewOf(groups, ({ id, name }) => (name === null ? `${id} (no name)` : idText(id, name)), mostGroupsNamed).join(
    ', ',
  );
}
