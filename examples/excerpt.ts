import { plain } from './terminal-text.js';

const leftOut = '...';

/**
 * Some lines of what was printed, each with the lines after it that are set in further and go on with it.
 *
 * @throws if nothing is printed any more that one of the expressions means
 */
export function excerpt(output: string, keep: readonly RegExp[] | undefined): string {
  if (keep === undefined) return output;
  const kept: string[] = [];
  const met = new Set<RegExp>();
  let isKept = false;
  let indent = 0;
  for (const line of output.split('\n')) {
    const text = plain(line);
    const expression = keep.find((one) => one.test(text));
    if (expression !== undefined) met.add(expression);
    if (expression !== undefined) indent = indentOf(text);
    isKept = text !== '' && (expression !== undefined || (isKept && indentOf(text) > indent));
    if (isKept) kept.push(line);
    else if (text !== '' && kept.at(-1) !== leftOut) kept.push(leftOut);
  }
  const missing = keep.filter((one) => !met.has(one));
  if (missing.length > 0) throw new Error(`no line has ${missing.join(', ')} in:\n${output}`);
  return kept.join('\n');
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
