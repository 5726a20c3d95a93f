/** What a terminal shows, as a picture: dark, with a frame, so that it stands on a light page and on a dark one. */
const size = 14;
const cell = { width: 8.4, height: 19 };
const margin = 16;

const foreground = '#e6edf3';
const background = '#161b22';
const frame = '#3d444d';
const faint = '#9198a1';

/** By the parameters of SGR, in ECMA-48 8.3.117. */
const colours: Readonly<Record<number, string>> = {
  31: '#ff7b72',
  32: '#56d364',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#56d4dd',
  90: faint,
};

interface Style {
  readonly colour: string | undefined;
  readonly isBold: boolean;
  readonly isFaint: boolean;
}

const unstyled: Style = { colour: undefined, isBold: false, isFaint: false };

/**
 * Draws lines with their colours.
 *
 * @param title - for who does not see it
 */
export function terminalSvg(title: string, output: string): string {
  const lines = output.split('\n');
  let style = unstyled;
  const drawn: string[] = [];
  let columns = 0;
  for (const [row, line] of lines.entries()) {
    let column = 0;
    for (const [part] of line.matchAll(/\x1b\[[\d;]*m|[^\x1b]+/g)) {
      if (part.startsWith('\x1b')) {
        style = afterSgr(style, part);
        continue;
      }
      // Each word stands in its column, whatever the width of the reader's font
      for (const { 0: word, index } of part.matchAll(/\S+(?: \S+)*/g)) {
        drawn.push(textAt(row, column + lengthOf(part.slice(0, index)), word, style));
      }
      column += lengthOf(part);
    }
    columns = Math.max(columns, column);
  }
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = lines.length * cell.height + 2 * margin;
  const font = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${background}" stroke="${frame}"/>
<g font-family='${font}' font-size="${size}" fill="${foreground}" xml:space="preserve">
${drawn.join('\n')}
</g>
</svg>
`;
}

/** What a picture says: its lines, with blanks where its words are apart. */
export function textOfSvg(svg: string): string {
  const rows = new Map<string, string[]>();
  for (const [, y = '', text = ''] of svg.matchAll(/<text [^>]*\by="([\d.]+)"[^>]*>([^<]*)<\/text>/g)) {
    rows.set(y, [...(rows.get(y) ?? []), unescaped(text)]);
  }
  return [...rows.values()].map((words) => words.join(' ')).join('\n');
}

function textAt(row: number, column: number, text: string, { colour, isBold, isFaint }: Style): string {
  const x = (margin + column * cell.width).toFixed(1);
  const y = margin + (row + 0.75) * cell.height;
  const fill = colour ?? (isFaint ? faint : undefined);
  const attributes = [
    `x="${x}"`,
    `y="${y}"`,
    `textLength="${(lengthOf(text) * cell.width).toFixed(1)}"`,
    'lengthAdjust="spacingAndGlyphs"',
    ...(fill === undefined ? [] : [`fill="${fill}"`]),
    ...(isBold ? ['font-weight="bold"'] : []),
  ];
  return `<text ${attributes.join(' ')}>${escaped(text)}</text>`;
}

/** @throws if it sets anything that a picture does not have yet */
function afterSgr(before: Style, sgr: string): Style {
  let style = before;
  for (const parameter of sgr.slice(2, -1).split(';').map(Number)) {
    const colour = colours[parameter];
    if (parameter === 0) style = unstyled;
    else if (parameter === 1) style = { ...style, isBold: true };
    else if (parameter === 2) style = { ...style, isFaint: true };
    else if (parameter === 22) style = { ...style, isBold: false, isFaint: false };
    else if (parameter === 39) style = { ...style, colour: undefined };
    else if (colour !== undefined) style = { ...style, colour };
    else throw new Error(`no picture has SGR ${parameter} yet`);
  }
  return style;
}

/** In columns: none of the pictures has characters that take two. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;' } as const;

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => entities[character as keyof typeof entities]);
}

function unescaped(text: string): string {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}
