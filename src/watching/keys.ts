/** Keys that are no character, by the sequence that a terminal sends for each. terminfo(5), xterm's ctlseqs */
const sequences: Readonly<Record<string, string>> = {
  '[A': 'up',
  OA: 'up',
  '[B': 'down',
  OB: 'down',
  '[C': 'right',
  OC: 'right',
  '[D': 'left',
  OD: 'left',
  '[H': 'home',
  OH: 'home',
  '[1~': 'home',
  '[7~': 'home',
  '[F': 'end',
  OF: 'end',
  '[4~': 'end',
  '[8~': 'end',
  '[5~': 'page-up',
  '[6~': 'page-down',
};

const controls: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\b': 'backspace',
  '\x7f': 'backspace',
  '\x03': 'ctrl-c',
  '\x0c': 'ctrl-l',
  '\x15': 'ctrl-u',
  '\x1a': 'ctrl-z',
  '\x1c': 'ctrl-\\',
};

/** An escape sequence from its beginning: CSI or SS3, whole. ECMA-48 */
const whole = /^\x1b(?:\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]|O[\x40-\x7e])/;
/** One that goes on, or the Escape key. */
const begun = /^\x1b(?:\[[\x30-\x3f]*[\x20-\x2f]*|O)?$/;

/** How long what follows an escape character may take to be one key with it. Milliseconds, as in tmux(1) and vim(1). */
const patience = 100;

/**
 * Turns what a terminal sends into keys: a character that was typed, or a name of several letters (`up`, `ctrl-c`,
 * `escape`). What it does not know is no key.
 */
export class Keys implements Disposable {
  #rest = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly press: (key: string) => void) {}

  /** @param text - as it was read, perhaps in the middle of a sequence */
  read(text: string): void {
    clearTimeout(this.#timer);
    this.#rest += text;
    while (this.#rest !== '' && !begun.test(this.#rest)) this.#take();
    if (this.#rest === '') return;
    this.#timer = setTimeout(() => {
      this.#rest = '';
      this.press('escape');
    }, patience);
  }

  #take(): void {
    const [sequence] = whole.exec(this.#rest) ?? [];
    const [first = ''] = this.#rest;
    this.#rest = this.#rest.slice((sequence ?? first).length);
    const key = sequence === undefined ? keyOf(first) : sequences[sequence.slice(1)];
    if (key !== undefined) this.press(key);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

function keyOf(character: string): string | undefined {
  if (character === '\x1b') return 'escape';
  return controls[character] ?? (/^\P{C}$/u.test(character) ? character : undefined);
}
