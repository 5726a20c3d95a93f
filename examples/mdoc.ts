import { asText, type Shown } from './shown.js';

/** As mdoc(7) has it: what a terminal shows, of 72 columns. */
export function asMdoc(shown: readonly Shown[]): string {
  const lines = asText(shown).split('\n').flatMap(folded).map(escaped);
  return `.Bd -literal\n${lines.join('\n')}\n.Ed\n`;
}

/** At blanks: what other programs print is not folded by themselves. */
function folded(line: string): string[] {
  if (line.length <= widest) return [line];
  const at = line.lastIndexOf(' ', widest);
  return at <= 0 ? [line] : [line.slice(0, at), ...folded(line.slice(at + 1))];
}

const widest = 73;

/** So that roff neither takes a line for a request, nor changes a character for one that looks better. */
export function escaped(line: string): string {
  return line
    .replace(/\\/g, '\\e')
    .replace(
      /[-'`^~]/g,
      (character) => ({ '-': '\\-', "'": '\\(aq', '`': '\\(ga', '^': '\\(ha', '~': '\\(ti' })[character] ?? '',
    )
    .replace(
      /[^\x20-\x7e]/gu,
      (character) => `\\[u${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? ''}]`,
    )
    .replace(/^\./, '\\&.');
}
