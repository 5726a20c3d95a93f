import type { Shown } from './shown.js';
import { plain } from './terminal-text.js';

/** Which commands of which scene, by their numbers from 1 on, stand between these two lines of a page. */
const block = /^\.\\" scene (\S+) (\d+)(?:-(\d+))?\n([^]*?)^\.\\" end$/gm;

export interface Block {
  readonly scene: string;
  readonly first: number;
  readonly last: number;
  /** What is between its lines now. */
  readonly source: string;
}

/** The blocks of a page's source, in its order. */
export function blocksIn(page: string): Block[] {
  return [...page.matchAll(block)].map(([, scene = '', first = '', last = first, source = '']) => ({
    scene,
    first: Number(first),
    last: Number(last),
    source,
  }));
}

/** The page with other text in its blocks. @param sourceOf - undefined leaves a block as it is */
export function withBlocks(page: string, sourceOf: (block: Block) => string | undefined): string {
  return page.replace(block, (all, scene: string, first: string, last: string | undefined, source: string) => {
    const found = { scene, first: Number(first), last: Number(last ?? first), source };
    return all.replace(`\n${source}.\\" end`, () => `\n${sourceOf(found) ?? source}.\\" end`);
  });
}

/** As mdoc(7) has it: what a terminal shows, of 72 columns. */
export function asSource(shown: readonly Shown[]): string {
  const texts = shown.map(({ command, output }) => `${command}\n${plain(output)}`.trimEnd());
  const lines = texts.join('\n\n').split('\n').flatMap(folded).map(escaped);
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
function escaped(line: string): string {
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
