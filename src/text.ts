/**
 * Bytes of another process, as text: what is not UTF-8 becomes the four
 * characters `\xNN` for each byte. Control characters stay; the sanitiser of
 * the output, or JSON, escapes them.
 */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd')) return text;
  return decode(bytes, (valid) => valid);
}

/**
 * The same for the name of a socket, so that it can be typed again: a
 * backslash becomes `\x5c` and a control character `\xNN` too.
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

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes the longest stretches of valid UTF-8, and escapes each byte between them. */
function decode(bytes: Buffer, valid: (text: string) => string): string {
  let text = '';
  let start = 0;
  const flush = (end: number): void => {
    if (end > start) text += valid(decoder.decode(bytes.subarray(start, end)));
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

/** The length of the valid UTF-8 sequence that starts here, or 0. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  try {
    decoder.decode(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}

/** The bytes of a name in which `\xNN` stands for a byte. */
export function unescapedName(name: Buffer): Buffer {
  const latin1 = name.toString('latin1');
  return Buffer.from(
    latin1.replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
