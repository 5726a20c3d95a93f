import type { Block } from './blocks.js';
import { asText, type Shown } from './shown.js';

/** Whether a block of the page has what was typed, as far as that does not differ from run to run. */
export function isSameBlock({ source, written }: Block, typed: readonly Shown[]): boolean {
  const [only] = typed;
  if (typed.length === 1 && only?.says !== undefined) {
    const text = source.replaceAll('\\-', '-').replace(/\s+/g, ' ');
    return text.includes(only.command) && new RegExp(only.says).test(text);
  }
  return steady(source) === steady(written(typed));
}

/** Whether a picture says what was typed, in the same way. @param text - of the picture */
export function isSamePicture(text: string, typed: Shown): boolean {
  return steady(text) === steady(asText([typed]));
}

/**
 * What two runs of a command have in common: without how it is folded, and with letters for what differs from run to
 * run and from machine to machine. The PIDs of a stage are the same each time; those of what is typed are not.
 */
function steady(text: string): string {
  return (
    text
      .split('\n')
      .filter((line) => !/^(?:capabilities|cgroup|unit|security label|namespaces) /.test(line))
      .join(' ')
      .replace(/\b\d{4}(?:\\-|-)\d\d(?:\\-|-)\d\d\b/g, 'DATE')
      .replace(/\b\d\d:\d\d:\d\d(?:\.\d{3})?\b/g, 'TIME')
      .replace(/\b[A-Z][a-z]{2} +\d{1,2} TIME/g, 'TIME')
      // Of a machine that was started just now both are small numbers
      .replace(/\b\d+\.\d+ s\b/g, 'N s')
      .replace(/\b\d+(?:\.\d+)? ms\b/g, 'N s')
      .replace(/\bpidfd id\s+\d+/g, 'pidfd id N')
      .replace(/\b(?:[3-9]\d{3}|\d{5,})(?:\.\d+)?\b/g, 'N')
      .replace(/\s+/g, ' ')
      .trim()
  );
}
