import { safe } from '../safe.js';
import type { Style } from '../style.js';
import { columnsOf, cut, cutStart } from '../width.js';
import type { Browsing } from './arranged-lines.js';

/** What each key does, for a screen of help. */
const keys: readonly (readonly [keys: string, effect: string])[] = [
  ['↑ ↓  k j', 'one line up, one line down'],
  ['PgUp PgDn', 'one screen up, one screen down'],
  ['Home End  g G', 'to the first line, to the last line'],
  ['/', 'type a filter: a part of an address, program, user, unit or container, at either end'],
  ['Enter', 'keep the filter and use the other keys again'],
  ['Esc', 'clear the filter'],
  ['s S', 'sort by the next column, by the one before'],
  ['r', 'reverse the order'],
  ['Space', 'stop looking, or go on'],
  ['? h', 'this help'],
  ['q  Ctrl-C', 'quit'],
];

/** The keys, one a line, in place of the table. */
export function keyHelp(width: number, { chalk }: Style): string[] {
  const widest = Math.max(...keys.map(([names]) => columnsOf(names)));
  const lines = keys.map(([names, effect]) => {
    const gap = ' '.repeat(widest - columnsOf(names) + 2);
    return `  ${chalk.bold(names)}${gap}${cut(effect, Math.max(1, width - widest - 4))}`;
  });
  return [chalk.dim('KEYS'), ...lines, '', chalk.dim('any key closes this help')];
}

/** The last line of the screen: what is typed, or which keys there are. @param found - how many lines have what is typed */
export function keyLine(
  { filter, isTyping }: Pick<Browsing, 'filter' | 'isTyping'>,
  { found, isPaused }: { readonly found: string; readonly isPaused: boolean },
  width: number,
  style: Style,
): string {
  const { chalk } = style;
  const pause = isPaused ? 'Space go on' : 'Space pause';
  if (!isTyping && filter === '') {
    return chalk.dim(fitting(['q quit', '? help', '/ filter', 's sort', '↑↓ scroll', pause], width).join('  '));
  }
  const hints = isTyping ? ['Enter keep', 'Esc clear'] : ['Esc clear', 'q quit', '? help', '/ change', 's sort', pause];
  const room = Math.max(8, Math.floor(width / 2));
  // What was typed last matters most
  const typed = `/${cutStart(safe(filter), room)}`;
  const cursor = isTyping ? (chalk.level > 0 ? chalk.inverse(' ') : '_') : '';
  const used = columnsOf(typed) + (isTyping ? 1 : 0);
  const rest = fitting([found, ...hints], width - used - 2).join('  ');
  return `${chalk.bold(typed)}${cursor}${rest === '' ? '' : `  ${chalk.dim(rest)}`}`;
}

/** As many of the first as have room beside each other. */
function fitting(texts: readonly string[], width: number): string[] {
  let used = -2;
  const end = texts.findIndex((text) => (used += columnsOf(text) + 2) > width);
  return texts.slice(0, end < 0 ? texts.length : end);
}
