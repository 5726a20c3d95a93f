import stringWidth from 'fast-string-width';

let segmenter: Intl.Segmenter | undefined;

/** Made when first needed, which takes 13 ms. */
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** Cuts text to a number of terminal columns; `…` marks where. */
export function cut(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const { segment } of graphemesOf(text)) {
    width += stringWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** The same for text of which the end is kept. */
export function cutStart(text: string, columns: number): string {
  const segments = [...graphemesOf(text)].map(({ segment }) => segment);
  let kept = '';
  let width = 0;
  for (const segment of segments.reverse()) {
    width += stringWidth(segment);
    if (width > columns - 1) break;
    kept = segment + kept;
  }
  return `…${kept}`;
}
