/** A version as a program tells it. */
export interface Version {
  /** As it was told: `252 (252.38-1~deb12u1)`. */
  readonly text: string;
  /** What upstream counts, from the most to the least significant. */
  readonly numbers: readonly number[];
}

/**
 * Upstream's number; what marks a release candidate (`~rc1`); and the distribution's version, which systemd adds.
 * Bounded, and without characters that could do anything to a terminal.
 */
const form = /^(\d{1,5}(?:\.\d{1,5}){0,3})(?:[~^+.-][\w.~^+-]{1,40})?(?: \([\w.:~^+-]{1,80}\))?$/;

/**
 * The version in the first line of what `PROGRAM --version` prints; undefined when it says something else.
 *
 * @param says - what comes before the version, without the blank between them
 */
export function versionIn(output: string, says: string): Version | undefined {
  const end = output.indexOf('\n');
  const line = end < 0 ? output : output.slice(0, end);
  if (!line.startsWith(`${says} `)) return undefined;
  return parseVersion(line.slice(says.length + 1));
}

/** The version in a text; undefined for a text of another form. */
export function parseVersion(text: string): Version | undefined {
  const numbers = form.exec(text)?.[1];
  return numbers === undefined ? undefined : { text, numbers: numbers.split('.').map(Number) };
}

/** What Linux counts in a release such as `6.12.43+deb13-amd64`: behind it a distribution writes what it likes. uname(2) */
export function kernelNumbers(release: string): Pick<Version, 'numbers'> {
  return { numbers: release.split('.', 2).map((part) => Number.parseInt(part, 10)) };
}

/**
 * Whether a version is `first` or came after it, by upstream's numbers alone. polkit went from 0.120 to 121, which
 * needs no rule of its own. A release candidate counts as the release.
 */
export function isAtLeast(version: Pick<Version, 'numbers'>, first: Pick<Version, 'numbers'>): boolean {
  for (let at = 0; at < Math.max(version.numbers.length, first.numbers.length); at++) {
    const difference = (version.numbers[at] ?? 0) - (first.numbers[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
