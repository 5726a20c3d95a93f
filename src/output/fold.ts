/** Stands for a blank between words that stay in one line, until the text is folded. What others name has none: it is sanitised. */
export const noBreak = '\u00a0';

/**
 * Plain text folded at blanks, with each line but the first indented. Not by
 * fast-wrap-ansi, which knows no such indentation, and composes characters: a
 * path would not be the one that is meant any more.
 *
 * @param width - columns; undefined for one line
 */
export function fold(text: string, width: number | undefined, indent: number): string {
  if (width === undefined || charactersIn(text, width) === text.length) return text;
  const lines: string[] = [];
  let rest = text;
  for (;;) {
    const most = charactersIn(rest, room(lines.length));
    if (most === rest.length) break;
    // A blank at the very start belongs to the text: it is an indentation
    const blank = rest.lastIndexOf(' ', most);
    const at = blank < 0 || rest.slice(0, blank).trim() === '' ? most : blank;
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest].join(`\n${' '.repeat(indent)}`);

  function room(line: number): number {
    return Math.max(10, (width ?? 0) - (line === 0 ? 0 : indent));
  }
}

/** How much of a text has room, at least one character. Looks no further, so that many lines take no longer than their text. */
function charactersIn(text: string, columns: number): number {
  let used = 0;
  let length = 0;
  for (const character of text) {
    used += columnsOf(character);
    // A combining mark would stand on nothing
    if (used > columns && length > 0 && !/^\p{M}/u.test(character)) break;
    length += character.length;
  }
  return length;
}

/** How many columns a character takes at most. */
function columnsOf(character: string): number {
  return (character.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2;
}
