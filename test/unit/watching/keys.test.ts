import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';

import { Keys } from '../../../src/watching/keys.js';

function pressed(...texts: string[]): string[] {
  const all: string[] = [];
  using keys = new Keys((key) => all.push(key));
  for (const text of texts) keys.read(text);
  return all;
}

describe('what a terminal sends', () => {
  it('is characters, and keys by their names', () => {
    assert.deepEqual(pressed('aé日😀 \r\x7f\x03\x1a\x1c'), [
      ...['a', 'é', '日', '😀', ' '],
      ...['enter', 'backspace', 'ctrl-c', 'ctrl-z', 'ctrl-\\'],
    ]);
    assert.deepEqual(pressed('\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1bOF\x1b[1~\x1b[4~'), [
      ...['up', 'down', 'page-up', 'page-down', 'home', 'end', 'home', 'end'],
    ]);
  });

  it('is one key where it comes in pieces', () => {
    assert.deepEqual(pressed('j\x1b', '[', '6', '~k'), ['j', 'page-down', 'k']);
  });

  it('is no key where nobody knows it, and no control of the terminal', () => {
    // A function key, a mouse, an answer to a question; C1 and other controls, and what changes the direction of text
    assert.deepEqual(pressed('\x1b[15~\x1b[<0;5;5M\x1b[?1;2c\x01\x9b\u202e\ue000x'), ['x']);
  });

  it('is the Escape key where nothing follows, or what is no sequence', async () => {
    assert.deepEqual(pressed('\x1bx'), ['escape', 'x']);
    const events = new EventEmitter();
    using keys = new Keys((key) => events.emit('key', key));
    const next = once(events, 'key');
    keys.read('\x1b');
    assert.deepEqual(await next, ['escape']);
  });
});
