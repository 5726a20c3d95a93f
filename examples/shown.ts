import { plain } from './terminal-text.js';

/** A command of a scene, and what it printed on a terminal. */
export interface Shown {
  /** With its prompt: `#` for root, `$` for anybody else. */
  readonly command: string;
  /** As the terminal has it, with its colours; lines without blanks at their ends. */
  readonly output: string;
  /** A regular expression: of another program's output, which differs from version to version, no more is compared. */
  readonly says?: string;
}

/** What was typed, each command with what it printed, without colours. */
export function asText(shown: readonly Shown[]): string {
  return shown.map(({ command, output }) => `${command}\n${plain(output)}`.trimEnd()).join('\n\n');
}
