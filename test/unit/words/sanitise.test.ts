import assert from 'node:assert/strict';

import { safeJson, sanitise } from '../../../src/words/sanitise.js';

/** Every code point that a terminal or a reader may be deceived by, by Unicode's own properties. */
const hostile = Array.from({ length: 0x110000 }, (_, code) => code).filter((code) =>
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u.test(String.fromCodePoint(code)),
);
const all = hostile.map((code) => String.fromCodePoint(code));

/** What is shown as a blank, as nothing, or as the same box whatever it is. */
const unseen = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code)).filter(
  (character) => character !== ' ' && /[\p{Z}\p{C}\u2800\u3164\u115f\u{1d159}]/u.test(character),
);

describe('sanitise', () => {
  it('lets nothing through that people cannot see, and JSON keeps all of it', () => {
    assert.ok(unseen.length > 900_000);
    const text = unseen.join('a');
    assert.match(sanitise(text), /^[\x20-\x7e]+$/);
    assert.equal(JSON.parse(safeJson(text, 0)), text);
    assert.equal(safeJson('\u00a0\ue000 \u0301', 0), '"\u00a0\ue000 \u0301"');
  });

  it('lets nothing but printable ASCII through of what is hostile', () => {
    assert.ok(all.length > 4000);
    for (const character of all) assert.match(sanitise(`a${character}b`), /^a\\[\x20-\x7e]+b$/);
  });

  for (const [from, to] of [
    ['\x1b]0;title\x07', '\\x1b]0;title\\x07'],
    ['a\nb\r\tc', 'a\\x0ab\\x0d\\x09c'],
    ['\u009b31m', '\\u{9b}31m'],
    ['\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['a\u200bb\u034fc', 'a\\u{200b}b\\u{34f}c'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800', '\\u{d800}'],
    ['a\u00a0b\u2003c\u3000', 'a\\u{a0}b\\u{2003}c\\u{3000}'],
    ['\u2800\u3164\u115f\u{1d159}', '\\u{2800}\\u{3164}\\u{115f}\\u{1d159}'],
    ['\ue000\u{f0000}\u0378', '\\u{e000}\\u{f0000}\\u{378}'],
    ['\u0301\u0302a', '\\u{301}\\u{302}a'],
    ['a \u0301b', 'a \\u{301}b'],
    ['a\u200b\u20ddb', 'a\\u{200b}\\u{20dd}b'],
    ['\x1b\u0301', '\\x1b\\u{301}'],
    ['a\u00a0\u0301\u00a0\u0301', 'a\\u{a0}\\u{301}\\u{a0}\\u{301}'],
  ] as const) {
    it(`writes ${JSON.stringify(from).slice(0, 20)} as ${to}`, () => {
      assert.equal(sanitise(from), to);
    });
  }

  it('shows eight marks on a letter as they are, and no more', () => {
    const eight = `a${'\u0301'.repeat(8)}`;
    assert.equal(sanitise(eight), eight);
    assert.equal(sanitise(`${eight}\u0302\u0303b`), `${eight}\\u{302}\\u{303}b`);
    const [one, four] = [1000, 4000].map((count) => sanitise(`a${'\u0301'.repeat(count)}`).length);
    assert.equal(four, (one ?? 0) + 3000 * '\\u{301}'.length);
  });

  it('keeps what is plain to see, in any script', () => {
    const text = "e\u0301 e\u0301\u0323 ~/Documents/grüße über €5 'quoted' 日本語 العربية हिन्दी 🦀 a\\b";
    assert.equal(sanitise(text), text);
  });

  it('changes nothing that it has written', () => {
    const once = sanitise(all.join(''));
    assert.equal(sanitise(once), once);
  });
});

describe('safeJson', () => {
  const value = { name: all.join('x'), 'key\u202e': ['\x1b', '\u{e0041}', 'grüße 日本語 🦀'], number: 1, none: null };
  for (const indent of [0, 2]) {
    it(`is harmless, and parses back to the same value, with indent ${indent}`, () => {
      const text = safeJson(value, indent);
      assert.deepEqual(JSON.parse(text), value);
      const bare = indent === 0 ? text : text.replaceAll('\n', '');
      assert.doesNotMatch(bare, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
    });
  }

  it('has what fields share as often as they do, also in another value', () => {
    const both = { first: value, second: value, number: 2 };
    assert.deepEqual(JSON.parse(safeJson(both, 0)), both);
    assert.equal(safeJson({ other: value }, 0), `{"other":${safeJson(value, 0)}}`);
    assert.equal(safeJson({ absent: undefined, other: { absent: undefined } }, 0), '{"other":{}}');
    assert.equal(safeJson({}, 0), '{}');
  });

  it('is one line without indent', () => {
    assert.equal(safeJson({ a: '\n\u2028' }, 0), '{"a":"\\n\\u2028"}');
  });
});
