/** A command of a scene, and what it printed on a terminal. */
export interface Shown {
  /** With its prompt: `#` for root, `$` for anybody else. */
  readonly command: string;
  /** As the terminal has it, with its colours; lines without blanks at their ends. */
  readonly output: string;
  /** A regular expression: of another program's output, which differs from version to version, no more is compared. */
  readonly says?: string;
}
