import { release, version } from 'node:os';

/** The running kernel's version in numbers. Debian's name for it leaves the last one out, and its build line has it. */
function running(): number[] {
  const [, debian] = /Debian (\d+\.\d+\.\d+)/.exec(version()) ?? [];
  return numbersOf(debian ?? release());
}

function numbersOf(text: string): number[] {
  return /^\d+(\.\d+)*/.exec(text)?.[0].split('.').map(Number) ?? [];
}

/** Whether the running kernel is this version, such as `6.16`, or a later one. What it can do is better asked of itself. */
export function kernelSince(wanted: string): boolean {
  const ours = running();
  const difference = numbersOf(wanted).map((number, index) => (ours[index] ?? 0) - number);
  return (difference.find((number) => number !== 0) ?? 0) >= 0;
}

/**
 * Whether the kernel is one whose version tells what it can do: the enterprise
 * distributions bring parts of later versions into old ones.
 */
export const versionTells = !/\.el\d|\.amzn/.test(release());
