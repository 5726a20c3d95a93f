/**
 * Characters that a terminal might obey, or that make text look like other text:
 * C0 and C1 controls, line separators, characters that are invisible or change
 * the direction, tags, and halves of surrogate pairs.
 */
const hostile = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Text of another process, made harmless for a terminal: hostile characters become `\xNN` or `\u{N}`. */
export function sanitise(text: string): string {
  return text.replace(hostile, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/**
 * A value as JSON text in which nothing hostile is left: JSON itself escapes
 * the controls below 0x20 only.
 *
 * @param indent - blanks per level; 0 for one line
 */
export function safeJson(value: unknown, indent: number): string {
  // Newlines are the layout; other hostile characters can only stand inside strings, where \uNNNN means the same
  return JSON.stringify(value, null, indent).replace(hostile, (character) =>
    character === '\n'
      ? character
      : Array.from({ length: character.length }, (_, at) => jsonEscape(character, at)).join(''),
  );
}

/** The UTF-16 code unit at an index of a text, as JSON escapes it. */
function jsonEscape(text: string, at: number): string {
  return `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
}
