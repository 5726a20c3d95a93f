/** Names as somebody chooses them who wants trouble. */
import { randomInt } from 'node:crypto';

/** What is put together to names; a number is one byte. Each list is drawn from alike. */
const troubles: readonly (readonly (string | number)[])[] = [
  Array.from({ length: 32 }, (_, code) => code),
  Array.from({ length: 32 }, (_, code) => String.fromCodePoint(0x80 + code)),
  Array.from({ length: 128 }, (_, byte) => 0x80 + byte),
  ['\x1b[31m', '\x1b]0;x\x07', '\x1b[2J', '\x1bP', '\u009b1A', '\x7f', '\r\n', '\r', '\n', '\t'],
  ['\u202e', '\u2066', '\u2069', '\u200f', '\u061c', '\u2028', '\u2029', 'שלום', 'سلام'],
  ['\\', '\\\\', '\\x41', '\\xff', '\\u{41}', '\\u{202e}', '\\n', '\\N', '\\G', '\\"', '\\'],
  ['"', "'", '`', '``', '"];x->y[label="', '"",', "''"],
  [',', ';', '|', '||', '=', '=1+1', '+', '-', '@', '=cmd|x!A1', '--help', '#', '/', '..', ' ', '  '],
  ['{{', '}}', '{', '}', '<b>', '</table>', '<!--', '<br>', '&#27;', '&amp;', '&lt', '&', '${x}', '%s', '%00'],
  ['**', '*', '_', '__', '~~', '~', '[x](y)', '![', ']', '(', '- ', '1. ', '> ', 'http://a.b', 'a@b.c', ':-', '\\|'],
  ['\u0301', '\u0301\u0302', '\u20dd', '\u0903', '\u102b', 'e\u0301', '\u1161', '\ufe0f', '\u034f'],
  ['\u00a0', '\u2003', '\u3000', '\u200b', '\u2800', '\u3164', '\u115f', '\ufeff', '\u00ad', '\u180e', '\u{1d159}'],
  ['\ue000', '\u{f0000}', '\u0378', '\ufffe', '\u{10ffff}', '\u{e0041}', '\ufffd', '\ufffc'],
  ['a', 'nginx', 'grüße', '日本語', 'ｆｕｌｌ', '🦀', '👨‍👩‍👧', '0', '-1', 'true', 'null', '__proto__', 'constructor'],
];

/** Pieces of UTF-8 that are none: overlong, surrogates, above U+10FFFF, cut. */
const broken = ['c0af', 'e08080', 'eda080', 'edb080', 'f4908080', 'f8888080', 'e282', 'f09d84', 'c3'];

/** A source of names which a seed gives again. */
export class HostileNames {
  /** How many were given. */
  count = 0;
  #state: number;

  /** @param seed - what PEERPID_FUZZ_SEED has, or another each time */
  constructor(readonly seed = Number(process.env['PEERPID_FUZZ_SEED'] ?? randomInt(2 ** 31))) {
    this.#state = seed;
  }

  /** A number below another. mulberry32 */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** @param most - bytes @param without - bytes that it may not have, such as NUL */
  bytes(most = 4096, without: readonly number[] = [0]): Buffer {
    this.count++;
    const pieces = Array.from({ length: 1 + this.below(6) }, () => this.#piece());
    // Now and then it is very long
    const name = Buffer.concat(this.below(200) === 0 ? Array<Buffer[]>(200).fill(pieces).flat() : pieces);
    const kept = name.subarray(0, most).filter((byte) => !without.includes(byte));
    return kept.length === 0 ? Buffer.from('\\') : Buffer.from(kept);
  }

  #piece(): Buffer {
    const list = troubles[this.below(troubles.length + 1)];
    if (list === undefined) return Buffer.from(broken[this.below(broken.length)] ?? '', 'hex');
    const piece = list[this.below(list.length)] ?? '';
    return typeof piece === 'number' ? Buffer.of(piece) : Buffer.from(piece);
  }
}
