// Removes what the build would leave behind: all of dist/, which is published as it is, and of build/, which tsc writes
// only where something changed, what was compiled from files that are gone.
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';

const root = new URL('../', import.meta.url);

await rm(new URL('dist/', root), { recursive: true, force: true });

const compiled = existsSync(new URL('build/', root)) ? await readdir(new URL('build/', root), { recursive: true }) : [];
for (const path of compiled) {
  const source = /^(.+)\.js(?:\.map)?$/.exec(path)?.[1];
  if (source !== undefined && !existsSync(new URL(`${source}.ts`, root))) await rm(new URL(`build/${path}`, root));
}
