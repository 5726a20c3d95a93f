/**
 * Bytes of another process, as text: each byte that is not UTF-8 becomes the
 * four characters `\xNN`, and a backslash `\x5c`, so that these four mean
 * nothing else. Control characters stay: sanitise() or JSON escapes them when
 * they are printed.
 */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd')) return withoutBackslash(text);
  return decode(bytes, withoutBackslash);
}

function withoutBackslash(text: string): string {
  return text.replaceAll('\\', '\\x5c');
}

/**
 * The name of a socket, as text that can be typed again: bytes that are not
 * UTF-8 and control characters become `\xNN`, a backslash `\x5c`.
 */
export function escapedName(bytes: Buffer): string {
  return decode(bytes, (valid) => valid.replace(/[\\\x00-\x1f\x7f]|[\u0080-\u009f]/g, escapeCharacter));
}

function escapeCharacter(character: string): string {
  return [...Buffer.from(character, 'utf8')].map(escapeByte).join('');
}

function escapeByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** Decodes the longest stretches of valid UTF-8, and escapes each byte between them. */
function decode(bytes: Buffer, valid: (text: string) => string): string {
  let text = '';
  let start = 0;
  const flush = (end: number): void => {
    if (end > start) text += valid(bytes.toString('utf8', start, end));
  };
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    flush(at);
    text += escapeByte(bytes[at] ?? 0);
    at += 1;
    start = at;
  }
  flush(bytes.length);
  return text;
}

/**
 * The length of the valid UTF-8 sequence that starts at an index, or 0 where
 * none does: by table 3-7 of the Unicode standard. Catching what a decoder
 * throws instead would let a peer keep us busy for seconds.
 */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0;
  const second = bytes[at + 1] ?? 0;
  const [lowest, highest] = secondByteAfter[first] ?? [0x80, 0xbf];
  if (second < lowest || second > highest) return 0;
  for (let next = at + 2; next < at + length; next++) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** The second bytes allowed after these first bytes: no overlong forms, no surrogates, nothing above U+10FFFF. */
const secondByteAfter: Readonly<Record<number, readonly [lowest: number, highest: number]>> = {
  0xe0: [0xa0, 0xbf],
  0xed: [0x80, 0x9f],
  0xf0: [0x90, 0xbf],
  0xf4: [0x80, 0x8f],
};

/**
 * The bytes of a name as it was typed, in which `\xNN` stands for a byte and
 * `\u{N}` for a character: undoes {@link escapedName}, {@link textOf}, and what
 * sanitise() made of them.
 */
export function unescapedName(name: Buffer): Buffer {
  const latin1 = name.toString('latin1');
  return Buffer.from(
    latin1.replace(
      /\\x([0-9a-fA-F]{2})|\\u\{([0-9a-fA-F]{1,6})\}/g,
      (escape, byte: string | undefined, character: string | undefined) =>
        byte === undefined
          ? (characterBytes(Number.parseInt(character ?? '', 16)) ?? escape)
          : String.fromCharCode(Number.parseInt(byte, 16)),
    ),
    'latin1',
  );
}

/** The bytes of a character, each as one of Latin-1; undefined where no character has the number. */
function characterBytes(code: number): string | undefined {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return Buffer.from(String.fromCodePoint(code), 'utf8').toString('latin1');
}
