/**
 * What two runs of a command have in common: without how it is folded, and with letters for what differs from run to
 * run and from machine to machine. The PIDs of a stage are the same each time; those of what is typed are not.
 */
export function steady(source: string): string {
  return source
    .split('\n')
    .filter((line) => !/^(?:capabilities|cgroup|unit|security label|namespaces) /.test(line))
    .join(' ')
    .replace(/\b\d{4}(?:\\-|-)\d\d(?:\\-|-)\d\d\b/g, 'DATE')
    .replace(/\b[A-Z][a-z]{2} [ \d]\d(?= TIME)|\b\d\d:\d\d:\d\d\b/g, 'TIME')
    .replace(/\b[A-Z][a-z]{2} [ \d]?\d TIME/g, 'TIME')
    .replace(/\bv\d+\.\d+\b/g, 'VERSION')
    .replace(/\b(?:[3-9]\d{3}|\d{5,})\b/g, 'N')
    .replace(/\s+/g, ' ')
    .trim();
}
