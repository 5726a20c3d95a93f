import stringWidth from 'fast-string-width';

/** How many columns of a terminal a text takes. Most text is ASCII, of which each character takes one. */
export function columnsOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}

let segmenter: Intl.Segmenter | undefined;

/** Made when first needed, which takes 13 ms. */
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** Cuts text to a number of terminal columns; `…` marks where. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const { segment } of graphemesOf(text)) {
    width += columnsOf(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** The same as {@link cut}, but it is the end of the text that is kept. */
export function cutStart(text: string, columns: number): string {
  const segments = [...graphemesOf(text)].map(({ segment }) => segment);
  let kept = '';
  let width = 0;
  for (const segment of segments.reverse()) {
    width += columnsOf(segment);
    if (width > columns - 1) break;
    kept = segment + kept;
  }
  return `…${kept}`;
}
