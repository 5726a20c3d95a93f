/**
 * Characters that a terminal might obey, or that make text look like other text:
 * C0 and C1 controls, line separators, characters that are invisible or change
 * the direction, tags, and halves of surrogate pairs.
 */
const hostile = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * What people cannot see as it is, besides: blanks other than U+0020, what looks
 * like one (braille without dots, a note without a head), private use, and what
 * is no character in the Unicode of this Node. A combining mark is seen on the
 * letter before it alone: not where none is, and not where eight are on it, so
 * that none reach into other lines.
 */
const notSeen =
  /(?:^|[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}])\p{M}+|[\p{C}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]|(?! )\p{Z}|\p{M}(?<=\p{M}{9})/gu;

/**
 * Text of another process, made harmless for a terminal and all of it visible:
 * what is not becomes `\xNN` or `\u{N}`.
 */
export function sanitise(text: string): string {
  // Most text is ASCII
  return /^[\x20-\x7e]*$/.test(text) ? text : text.replace(notSeen, escapeCharacters);
}

function escapeCharacters(characters: string): string {
  return Array.from(characters, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0x20) return character;
    return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  }).join('');
}

/**
 * A value as JSON text in which nothing hostile is left: JSON itself escapes
 * the controls below 0x20 only.
 *
 * @param indent - blanks per level; 0 for one line
 */
export function safeJson(value: unknown, indent: number): string {
  const text = indent === 0 ? onOneLine(value) : JSON.stringify(value, null, indent);
  // As a rule it is ASCII, which is seen in a tenth of the time
  if (/^[\n\x20-\x7e]*$/.test(text)) return text;
  // Newlines are the layout; other hostile characters can only stand inside strings, where \uNNNN means the same
  return text.replace(hostile, (character) =>
    character === '\n'
      ? character
      : Array.from({ length: character.length }, (_, at) => jsonEscape(character, at)).join(''),
  );
}

/** As JSON.stringify(), but what two fields share, as both processes of a connection do, is made only once. */
function onOneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  const fields: string[] = [];
  let [last, text]: [object | undefined, string] = [undefined, ''];
  for (const [name, field] of Object.entries(value) as [string, unknown][]) {
    if (field === undefined) continue;
    if (typeof field !== 'object' || field === null) fields.push(`${JSON.stringify(name)}:${JSON.stringify(field)}`);
    else {
      if (field !== last) [last, text] = [field, JSON.stringify(field)];
      fields.push(`${JSON.stringify(name)}:${text}`);
    }
  }
  return `{${fields.join()}}`;
}

/** The UTF-16 code unit at an index of a text, as JSON escapes it. */
function jsonEscape(text: string, at: number): string {
  return `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
}
