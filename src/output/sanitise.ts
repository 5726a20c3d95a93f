/**
 * What a terminal might obey, or what might make text look like other text:
 * C0 and C1 controls, line separators, invisible and direction-changing
 * characters, tags, and halves of surrogate pairs.
 */
const hostile =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}\ud800-\udfff]/gu;

/** Text of another process, made harmless for a terminal: everything that is not plain to see is escaped. */
export function sanitise(text: string): string {
  return text.replace(hostile, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/**
 * A value as JSON text in which nothing can reach the terminal as a control
 * character: JSON itself escapes those below 0x20 only.
 *
 * @param indent - blanks a level; 0 for one line
 */
export function safeJson(value: unknown, indent: number): string {
  // Only inside strings can any of these stand, and there \uNNNN means the same
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
