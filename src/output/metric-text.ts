import { sanitise } from '../words/sanitise.js';

/** A value, and the labels that tell it from the others of the same metric. */
export type Sample = readonly [value: number, labels?: Readonly<Record<string, string>>];

/**
 * A metric in the text format of Prometheus, which the textfile collector of node_exporter reads.
 *
 * @param name - without the prefix
 * @param help - without a full stop
 */
export function metricText(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string {
  return [
    `# HELP peerpid_${name} ${help}.`,
    `# TYPE peerpid_${name} ${type}`,
    ...samples.map(([value, labels]) => `peerpid_${name}${labelsText(labels)} ${String(value)}`),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function labelsText(labels: Sample[1]): string {
  if (labels === undefined) return '';
  const written = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${written.join(',')}}`;
}

/** What others named has no control characters, and as the format has it a backslash before a backslash and a quote. */
function escaped(value: string): string {
  return sanitise(value).replace(/["\\]/g, '\\$&');
}
