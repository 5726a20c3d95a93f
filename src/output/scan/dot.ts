import { sanitise } from '../../words/sanitise.js';

/** Attributes of a node, an edge or a graph: each is its name, `=`, and a value that is safe. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/**
 * Text, whatever it is, as a DOT string. Controls are escaped first. In a label
 * a backslash begins an escape of Graphviz, and `&` an entity such as `&#27;`.
 */
export function dotString(text: string): string {
  return `"${quotable(text)}"`;
}

/** Lines, each of any text, as a label. */
export function dotLabel(lines: readonly string[], end: '\\n' | '\\l' = '\\n'): string {
  const quoted = lines.map(quotable);
  return `"${end === '\\l' ? quoted.map((line) => line + end).join('') : quoted.join(end)}"`;
}

/** Fields, each of some lines, as the label of a record. Each has the port `f` and its number. Blanks that follow one another stay. */
export function dotRecord(fields: readonly (readonly string[])[]): string {
  const texts = fields.map(
    (lines, number) => `<f${number}> ${lines.map((line) => quotable(line).replace(/[{}|<> ]/g, '\\$&')).join('\\n')}`,
  );
  return `"${texts.join('|')}"`;
}

function quotable(text: string): string {
  return sanitise(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;');
}

/** `[a=b, c=d]`, without those that are undefined. */
export function dotAttributes(attributes: Attributes): string {
  const written = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${value}`,
  );
  return `[${written.join(', ')}]`;
}
