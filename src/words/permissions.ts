const letters = ['---', '--x', '-w-', '-wx', 'r--', 'r-x', 'rw-', 'rwx'] as const;

/** What a class of users may do with a file, as ls(1) writes it. @param bits - the lowest three count */
export function permissionText(bits: number): string {
  return letters[bits & 7] ?? '';
}

/** The bits of {@link permissionText}. */
export function permissionBits(text: string): number {
  return Math.max(
    0,
    letters.findIndex((known) => known === text),
  );
}

/** A file's mode without its type, in four octal digits. */
export function octalMode(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
