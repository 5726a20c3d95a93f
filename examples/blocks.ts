import { asMdoc } from './mdoc.js';
import { asText, type Shown } from './shown.js';

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
  written: (shown) => `\n${asText(shown).replace(/^(?=.)/gm, '    ')}\n\n`,
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
  return [...page.matchAll(block)].map((found) => blockOf(found, written));
}

/** The page with other text in its blocks. @param sourceOf - undefined leaves a block as it is */
export function withBlocks(path: string, page: string, sourceOf: (block: Block) => string | undefined): string {
  const { block, end, written } = markupOf(path);
  return page.replace(block, (all: string, ...groups: string[]) => {
    const one = blockOf([all, ...groups], written);
    const source = sourceOf(one);
    return source === undefined ? all : `${all.slice(0, -(one.source + end).length)}${source}${end}`;
  });
}

/** What was typed of a block; undefined where a program of it is missing. @param all - what was typed in its scene */
export function typedIn({ first, last }: Block, all: readonly (Shown | null)[]): Shown[] | undefined {
  const typed = all.slice(first - 1, last).filter((one) => one !== null);
  return typed.length === last - first + 1 ? typed : undefined;
}

function blockOf(found: readonly (string | undefined)[], written: Block['written']): Block {
  const [, scene = '', first = '', last = first, source = ''] = found;
  return { scene, first: Number(first), last: Number(last), source, written };
}

function markupOf(path: string): Markup {
  return path.endsWith('.md') ? markdown : mdoc;
}
