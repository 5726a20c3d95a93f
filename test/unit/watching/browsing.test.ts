import assert from 'node:assert/strict';

import type { Browsing } from '../../../src/output/watch/arranged-lines.js';
import { browse, fromTheTop } from '../../../src/watching/browsing.js';

const extent = { lines: 100, room: 10, columns: ['verdict', 'address'] };

/** What keys make of it, one after the other. */
function after(keys: readonly string[], start: Browsing = fromTheTop, within = extent): Browsing {
  return keys.reduce((browsing, key) => browse(browsing, key, within) ?? browsing, start);
}

describe('browsing in lines', () => {
  const moves: readonly (readonly [keys: string, top: number])[] = [
    ['down j', 2],
    ['down up up k', 0],
    ['page-down', 9],
    ['page-down page-down page-up', 9],
    ['G', 90],
    ['end down page-down', 90],
    ['end up', 89],
    ['end home', 0],
    ['G g', 0],
  ];
  for (const [keys, top] of moves) {
    it(`moves by ${keys}`, () => {
      assert.deepEqual(after(keys.split(' ')), { ...fromTheTop, top });
    });
  }

  it('does not move where all have room', () => {
    assert.equal(after(['down', 'page-down', 'end'], fromTheTop, { ...extent, lines: 10 }).top, 0);
  });

  it('types a filter from the top, in which letters are no commands', () => {
    assert.deepEqual(after(['end', '/', 'q', 's', ' ', '?', '日']), {
      ...fromTheTop,
      filter: 'qs ?日',
      isTyping: true,
    });
    assert.deepEqual(after(['/', 'a', '日', 'backspace', 'enter']), { ...fromTheTop, filter: 'a' });
    assert.equal(after(['/', 'a', 'down', 'down']).top, 2);
    assert.deepEqual(after(['/', 'a', 'escape']), fromTheTop);
    assert.deepEqual(after(['/', 'a', 'enter', 'escape']), fromTheTop);
    assert.deepEqual(after(['/', 'a', 'backspace', 'backspace']), fromTheTop);
    assert.deepEqual(after(['/', 'a', 'b', 'ctrl-u']), { ...fromTheTop, isTyping: true });
    assert.equal(after(['/', ...Array<string>(500).fill('x')]).filter.length, 100);
  });

  it('sorts by one column after the other, and back', () => {
    const sorts = (keys: string): string | undefined => after(keys.split(' ')).sortedBy;
    assert.deepEqual(['s', 's s', 's s s', 'S', 'S S', 's S'].map(sorts), [
      ...['verdict', 'address', undefined],
      ...['address', 'verdict', undefined],
    ]);
    assert.deepEqual([after(['r']).backwards, after(['r', 'r']).backwards], [true, false]);
    // A column may be there in one scan and not in the next
    assert.equal(after(['s'], { ...fromTheTop, sortedBy: 'netns' }).sortedBy, 'verdict');
  });

  it('shows help until any key', () => {
    for (const key of ['?', 'h']) assert.ok(after([key]).isHelp);
    assert.deepEqual(after(['?', 'down']), fromTheTop);
  });

  it('says which keys mean nothing', () => {
    for (const key of ['x', 'right', 'escape']) assert.equal(browse(fromTheTop, key, extent), undefined);
  });
});
