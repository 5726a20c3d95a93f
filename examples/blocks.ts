import { asMdoc } from './mdoc.js';
import type { Shown } from './shown.js';
import { plain } from './terminal-text.js';

/** How a page has what was typed: between two lines that name the scene, and which of its commands, from 1 on. */
interface Markup {
  readonly block: RegExp;
  readonly end: string;
  readonly written: (shown: readonly Shown[]) => string;
}

const mdoc: Markup = {
  block: /^\.\\" scene (\S+) (\d+)(?:-(\d+))?\n([^]*?)^\.\\" end$/gm,
  end: '.\\" end',
  written: asMdoc,
};

const markdown: Markup = {
  block: /^<!-- scene (\S+) (\d+)(?:-(\d+))? -->\n([^]*?)^<!-- end -->$/gm,
  end: '<!-- end -->',
  written: (shown) => {
    const texts = shown.map(({ command, output }) => `${command}\n${plain(output)}`.trimEnd());
    return `\n${texts.join('\n\n').replace(/^(?=.)/gm, '    ')}\n\n`;
  },
};

export interface Block {
  readonly scene: string;
  readonly first: number;
  readonly last: number;
  /** What is between its lines now. */
  readonly source: string;
  /** What would be there of what was typed. */
  readonly written: (shown: readonly Shown[]) => string;
}

/** The blocks of a page, in its order. @param path - a man page, or Markdown by its suffix */
export function blocksIn(path: string, page: string): Block[] {
  const { block, written } = markupOf(path);
  return [...page.matchAll(block)].map(([, scene = '', first = '', last = first, source = '']) => ({
    scene,
    first: Number(first),
    last: Number(last),
    source,
    written,
  }));
}

/** The page with other text in its blocks. @param sourceOf - undefined leaves a block as it is */
export function withBlocks(path: string, page: string, sourceOf: (block: Block) => string | undefined): string {
  const { block, end } = markupOf(path);
  const sources = blocksIn(path, page).map((one) => [one.source, sourceOf(one) ?? one.source] as const);
  let next = 0;
  return page.replace(block, (all: string) => {
    const [before, after] = sources[next++] ?? ['', ''];
    return all.replace(`\n${before}${end}`, () => `\n${after}${end}`);
  });
}

function markupOf(path: string): Markup {
  return path.endsWith('.md') ? markdown : mdoc;
}
