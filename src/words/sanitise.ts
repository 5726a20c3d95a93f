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
  return indent === 0 ? onOneLine(value) : escaped(JSON.stringify(value, null, indent));
}

/** @param text - JSON */
function escaped(text: string): string {
  // As a rule it is ASCII, which is seen in a tenth of the time
  if (/^[\n\x20-\x7e]*$/.test(text)) return text;
  // Newlines are the layout; other hostile characters can only stand inside strings, where \uNNNN means the same
  return text.replace(hostile, (character) =>
    character === '\n'
      ? character
      : Array.from({ length: character.length }, (_, at) => jsonEscape(character, at)).join(''),
  );
}

/** What two fields shared once, which others may share too. Documents do not change. */
const shared = new WeakMap<object, string>();

/** As JSON.stringify(), but what fields share, as both processes of a connection do, is made only once. */
function onOneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return escaped(JSON.stringify(value));
  let [whole, last, text]: [string, object | undefined, string] = ['', undefined, ''];
  for (const name in value) {
    const field = (value as Readonly<Record<string, unknown>>)[name];
    if (field === undefined) continue;
    whole += `${whole === '' ? '{' : ','}${nameInJson(name)}`;
    if (typeof field !== 'object' || field === null) whole += escaped(JSON.stringify(field));
    else {
      if (field === last) shared.set(field, text);
      else [last, text] = [field, shared.get(field) ?? escaped(JSON.stringify(field))];
      whole += text;
    }
  }
  return whole === '' ? '{}' : `${whole}}`;
}

const namesInJson = new Map<string, string>();
const mostNames = 256;

/** The name of a field, with its colon: documents have the same ones again and again. */
function nameInJson(name: string): string {
  let text = namesInJson.get(name);
  if (text === undefined) {
    if (namesInJson.size >= mostNames) namesInJson.clear();
    namesInJson.set(name, (text = `${escaped(JSON.stringify(name))}:`));
  }
  return text;
}

/** The UTF-16 code unit at an index of a text, as JSON escapes it. */
function jsonEscape(text: string, at: number): string {
  return `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
}
