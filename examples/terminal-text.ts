/** What is left to be seen of what a program wrote to a terminal, with its colours. */
export function asTerminalShows(written: string): string {
  return written
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => afterReturn(line).trimEnd())
    .join('\n')
    .trimEnd();
}

/** A progress bar is written over, and wiped away. */
function afterReturn(line: string): string {
  return line.slice(line.lastIndexOf('\r') + 1).replace(/\x1b\[[0-2]?K/g, '');
}

/** Without colours. */
export function plain(text: string): string {
  return text.replace(/\x1b\[[\d;]*m/g, '');
}
