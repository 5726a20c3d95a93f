// Writes dist/completions: what bash, zsh and fish complete, made from oclif.manifest.json and the lists of values.
import { mkdir, writeFile } from 'node:fs/promises';

import { forBash } from './completions/bash.js';
import { forFish } from './completions/fish.js';
import { completed } from './completions/model.js';
import { forZsh } from './completions/zsh.js';

const commands = await completed();
await mkdir('dist/completions', { recursive: true });
await writeFile('dist/completions/peerpid.bash', forBash(commands));
await writeFile('dist/completions/_peerpid', forZsh(commands));
await writeFile('dist/completions/peerpid.fish', forFish(commands));
