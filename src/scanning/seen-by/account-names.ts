import { textOf } from '../../words/text.js';

/** Names by id, as text that is safe to print once it is sanitised. */
export type NamesById = ReadonlyMap<number, string>;

/** Bytes of a name that are kept. <linux/limits.h> and <bits/local_lim.h>, LOGIN_NAME_MAX */
export const longestName = 256;

/** Of the files that are told apart, the fields before which the id stands, and how many numbers follow the name. */
export const accountFiles = {
  passwd: { path: '/etc/passwd', pattern: /^([^:]*):[^:]*:(\d{1,10}):\d{1,10}:/ },
  group: { path: '/etc/group', pattern: /^([^:]*):[^:]*:(\d{1,10})(?::|$)/ },
} as const;
export type AccountFile = keyof typeof accountFiles;

/** More than the fields need that are read of a line: a name, a password, two ids. */
const longestFields = 4096;

/**
 * The first name of each id, as nss_files(5) finds it: comments, what is no entry, and `+` and `-` of nss_compat are passed
 * over. passwd(5), group(5)
 */
export function namesIn(content: Buffer, file: AccountFile): NamesById {
  const { pattern } = accountFiles[file];
  const names = new Map<number, string>();
  for (let start = 0; start < content.length;) {
    const newline = content.indexOf(0x0a, start);
    const end = newline < 0 ? content.length : newline;
    // latin1 has a character for each byte
    const line = content.toString('latin1', start, Math.min(end, start + longestFields)).trimStart();
    start = end + 1;
    const [, name = '', digits = ''] = pattern.exec(line) ?? [];
    const id = Number(digits);
    if (name === '' || '#+-'.includes(name.charAt(0)) || id >= noId || names.has(id)) continue;
    names.set(id, nameText(Buffer.from(name, 'latin1')));
  }
  return names;
}

/** (uid_t) -1 is nobody's. */
const noId = 0xffffffff;

function nameText(name: Buffer): string {
  return name.length > longestName ? `${textOf(name.subarray(0, longestName))}…` : textOf(name);
}
