import assert from 'node:assert/strict';

import { sanitise } from '../../../src/words/sanitise.js';
import { escapedName, textOf, unescapedName } from '../../../src/words/text.js';

function bytes(...values: number[]): Buffer {
  return Buffer.from(values);
}

describe('textOf', () => {
  const cases: readonly (readonly [what: string, from: Buffer, to: string])[] = [
    ['UTF-8', Buffer.from('grüße €𝄞'), 'grüße €𝄞'],
    ['a true U+FFFD', Buffer.from('\ufffd'), '\ufffd'],
    ['a byte order mark', Buffer.from('\ufeffa'), '\ufeffa'],
    ['control characters', bytes(0x00, 0x1b, 0x7f), '\0\x1b\x7f'],
    ['bytes that begin nothing', bytes(0x61, 0xff, 0x62, 0x80), 'a\\xffb\\x80'],
    ['a sequence of two that is cut', bytes(0x61, 0xc3), 'a\\xc3'],
    ['a sequence of three that is cut', bytes(0xe2, 0x82), '\\xe2\\x82'],
    ['a sequence of four that is cut by a letter', bytes(0xf0, 0x9d, 0x84, 0x61), '\\xf0\\x9d\\x84a'],
    ['an overlong slash', bytes(0xc0, 0xaf), '\\xc0\\xaf'],
    ['an overlong NUL', bytes(0xe0, 0x80, 0x80), '\\xe0\\x80\\x80'],
    ['an overlong escape', bytes(0xf0, 0x80, 0x80, 0x9b), '\\xf0\\x80\\x80\\x9b'],
    ['a surrogate', bytes(0xed, 0xa0, 0x80), '\\xed\\xa0\\x80'],
    ['the last before the surrogates', bytes(0xed, 0x9f, 0xbf, 0xff), '\ud7ff\\xff'],
    ['above U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80), '\\xf4\\x90\\x80\\x80'],
    ['the last character', bytes(0xf4, 0x8f, 0xbf, 0xbf, 0xff), '\u{10ffff}\\xff'],
    ['a valid character after a broken one', bytes(0xe2, 0xc3, 0xbc), '\\xe2ü'],
    ['the four characters of an escape, told from it', Buffer.from('\\xff'), '\\x5cxff'],
    ['a backslash beside a byte', bytes(0x5c, 0xff), '\\x5c\\xff'],
    ['nothing', bytes(), ''],
  ];
  for (const [what, from, to] of cases) {
    it(`reads ${what}`, () => {
      assert.equal(textOf(from), to);
    });
  }

  it('agrees with a decoder on what is UTF-8, for every start of a sequence', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    for (let first = 0x80; first <= 0xff; first++) {
      for (let second = 0; second <= 0xff; second++) {
        for (const rest of [[], [0x80], [0x80, 0xbf], [0xbf, 0x61]]) {
          const sequence = bytes(first, second, ...rest);
          let valid: string | undefined;
          try {
            valid = decoder.decode(sequence);
          } catch {
            valid = undefined;
          }
          if (valid === undefined) assert.ok(textOf(sequence).includes('\\x'), sequence.toString('hex'));
          else assert.equal(textOf(sequence), valid);
        }
      }
    }
  });

  it('is not kept busy by megabytes that are not UTF-8', () => {
    const started = performance.now();
    assert.equal(textOf(Buffer.alloc(1024 * 1024, 0xf1)).length, 4 * 1024 * 1024);
    assert.ok(performance.now() - started < 2000);
  });
});

describe('unescapedName', () => {
  it('gives the bytes of a text back, as it is in JSON and as it is shown', () => {
    const name = Buffer.concat([
      Buffer.from('\\xff\\u{41} \u00a0\u202e\u009b\x1b\n\u{e0041}ü'),
      bytes(0xff, 0xc3, 0x28),
    ]);
    assert.deepEqual(unescapedName(Buffer.from(textOf(name))), name);
    assert.deepEqual(unescapedName(Buffer.from(sanitise(textOf(name)))), name);
    assert.deepEqual(unescapedName(Buffer.from(sanitise(escapedName(name)))), name);
  });

  it('leaves what no character has the number of', () => {
    for (const text of ['\\u{110000}', '\\u{d800}', '\\u{}', '\\u0041']) {
      assert.equal(unescapedName(Buffer.from(text)).toString(), text);
    }
  });
});

describe('escapedName', () => {
  it('gives a name that can be typed again, whatever its bytes', () => {
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    assert.deepEqual(unescapedName(Buffer.from(escapedName(everyByte))), everyByte);
  });

  for (const [what, from, to] of [
    ['a backslash', '\\x41', '\\x5cx41'],
    ['a C0 control', 'a\x1b[31m\n', 'a\\x1b[31m\\x0a'],
    ['DEL', '\x7f', '\\x7f'],
    ['a C1 control, byte by byte', '\u009b', '\\xc2\\x9b'],
    ['a NUL', 'a\0b', 'a\\x00b'],
  ] as const) {
    it(`escapes ${what}, and it comes back`, () => {
      assert.equal(escapedName(Buffer.from(from)), to);
      assert.deepEqual(unescapedName(Buffer.from(to)), Buffer.from(from));
    });
  }

  it('leaves what is no whole escape', () => {
    assert.equal(unescapedName(Buffer.from('\\x4 \\xg0 \\n')).toString(), '\\x4 \\xg0 \\n');
  });
});
