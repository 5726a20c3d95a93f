import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A file of the repository. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}

export function readRepositoryFile(path: string): string {
  return readFileSync(repositoryPath(path), 'utf8');
}

/** Every page that is in man/. */
export function pages(): string[] {
  return readdirSync(repositoryPath('man')).map((name) => `man/${name}`);
}

/** A page as it is read, without overstrikes, its lines long enough that no word is broken. */
export function rendered(page: string): string {
  const { status, stdout, stderr } = spawnSync('mandoc', ['-Tutf8', '-Owidth=400', repositoryPath(page)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`mandoc ${page}: ${stderr}`);
  return stdout.replace(/.\x08/gu, '');
}

/** A subsection of a page, as it is read. */
export function sectionOf(page: string, heading: string): string {
  return new RegExp(`\\n {3}${heading}\\n([^]*?)(?:\\n {3}\\w|\\n\\w)`).exec(rendered(page))?.[1] ?? '';
}

/** Those of the words that a text does not have, as words of their own. */
export function missingIn(text: string, words: readonly string[]): string[] {
  return words.filter((word) => !new RegExp(`(?<![\\w-])${asPattern(word)}(?![\\w-])`).test(text));
}

/** The source of a regular expression for just this text. */
export function asPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
