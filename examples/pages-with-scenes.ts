import { readdirSync } from 'node:fs';

/** The files of the repository that show what scenes print, by their paths in it. */
export function pagesWithScenes(): string[] {
  return ['README.md', ...readdirSync(new URL('../../man', import.meta.url)).map((name) => `man/${name}`)];
}
