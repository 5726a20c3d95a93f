import type { Browsing } from '../output/watch/arranged-lines.js';

/** Everything, from the top. */
export const fromTheTop: Browsing = {
  top: 0,
  filter: '',
  isTyping: false,
  sortedBy: undefined,
  backwards: false,
  isHelp: false,
};

/** What there is to browse in. */
export interface Extent {
  /** All that are to be shown, of which there may be more than have room. */
  readonly lines: number;
  /** For how many there is room. */
  readonly room: number;
  /** Their names. */
  readonly columns: readonly string[];
}

/** The most characters of a filter. */
const longestFilter = 100;

/** What a key makes of it; undefined for a key that means nothing here. */
export function browse(before: Browsing, key: string, extent: Extent): Browsing | undefined {
  if (before.isHelp) return { ...before, isHelp: false };
  return (
    (before.isTyping ? typed(before, key) : undefined) ?? moved(before, key, extent) ?? ordered(before, key, extent)
  );
}

/** The last line that may be the first. */
export function lastTop({ lines, room }: Pick<Extent, 'lines' | 'room'>): number {
  return Math.max(0, lines - room);
}

/** Keys of the filter's line; those that move do so as well while it is typed. */
function typed(before: Browsing, key: string): Browsing | undefined {
  switch (key) {
    case 'enter':
      return { ...before, isTyping: false };
    case 'escape':
      return { ...before, top: 0, filter: '', isTyping: false };
    case 'ctrl-u':
      return { ...before, top: 0, filter: '' };
    case 'backspace':
      if (before.filter === '') return { ...before, isTyping: false };
      return { ...before, top: 0, filter: before.filter.replace(/.$/su, '') };
  }
  if (!/^.$/su.test(key)) return undefined;
  const hasRoom = before.filter.length < longestFilter;
  return { ...before, top: 0, filter: hasRoom ? before.filter + key : before.filter };
}

function moved(before: Browsing, key: string, extent: Extent): Browsing | undefined {
  const page = Math.max(1, extent.room - 1);
  const by = { up: -1, k: -1, down: 1, j: 1, 'page-up': -page, 'page-down': page }[key];
  const to = key === 'home' || key === 'g' ? 0 : key === 'end' || key === 'G' ? Infinity : by && before.top + by;
  if (to === undefined) return undefined;
  return { ...before, top: Math.max(0, Math.min(to, lastTop(extent))) };
}

function ordered(before: Browsing, key: string, { columns }: Extent): Browsing | undefined {
  switch (key) {
    case '/':
      return { ...before, isTyping: true };
    case 'escape':
      return before.filter === '' ? undefined : { ...before, top: 0, filter: '' };
    case '?':
    case 'h':
      return { ...before, isHelp: true };
    case 's':
      return { ...before, top: 0, sortedBy: nextColumn(before.sortedBy, 1, columns) };
    case 'S':
      return { ...before, top: 0, sortedBy: nextColumn(before.sortedBy, -1, columns) };
    case 'r':
      return { ...before, top: 0, backwards: !before.backwards };
    default:
      return undefined;
  }
}

/** From the order that lines come in to the first column, and behind the last back to it. */
function nextColumn(sortedBy: string | undefined, step: 1 | -1, columns: readonly string[]): string | undefined {
  const all = [undefined, ...columns];
  return all.at((Math.max(0, all.indexOf(sortedBy)) + step) % all.length);
}
