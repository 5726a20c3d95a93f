import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';

import { blocksIn } from '../../examples/blocks.js';
import { escaped } from '../../examples/mdoc.js';
import { pictures } from '../../examples/pictures.js';
import { recipes } from '../../examples/recipes.js';
import { asPattern, missingIn, readRepositoryFile, repositoryPath } from '../helpers/pages.js';
import { wordsOf } from '../helpers/running/schema-words.js';

const readme = readRepositoryFile('README.md');

/** What the first column of a section's table has. */
function firstColumn(heading: string): string[] {
  const [, section = ''] = new RegExp(`\\n## ${heading}[^\\n]*\\n([^]*?)\\n## `).exec(readme) ?? [];
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = '']) => cell);
}

describe('README.md', () => {
  it('has no more than 1,500 words', () => {
    const words = readme.split(/\s+/).filter((word) => word !== '');
    assert.ok(words.length > 1000 && words.length <= 1500, String(words.length));
  });

  it('names each verdict', () => {
    assert.deepEqual(missingIn(readme, wordsOf('inspect', 'Verdict')), []);
  });

  it('has a row for each command', () => {
    const { commands } = JSON.parse(readRepositoryFile('oclif.manifest.json')) as { commands: object };
    const names = firstColumn('Three commands').map((usage) => usage.split(' ')[1]);
    assert.deepEqual(names, Object.keys(commands));
  });

  it('shows the pictures, each with words for who does not see it', () => {
    const shown = [...readme.matchAll(/!\[([^\]]{40,})\]\(docs\/(\w+)\.svg\)/g)].map(([, , name]) => name);
    assert.deepEqual(shown.sort(), Object.keys(pictures).sort());
  });

  it('has a command for each recipe, which its page has, too', () => {
    const [, section = ''] = /\n## Recipes\n([^]*?)\n## /.exec(readme) ?? [];
    const commands = [...section.matchAll(/^\| .* \| `(peerpid [^`]+)`/gm)].map(([, command = '']) => command);
    const scenes = blocksIn('man/peerpid-recipes.7', readRepositoryFile('man/peerpid-recipes.7'));
    const typed = commands.map((command) => {
      const source = asPattern(escaped(command));
      return scenes.find((block) => new RegExp(`^[$#] ${source}$`, 'm').test(block.source))?.scene;
    });
    assert.deepEqual([...typed].sort(), Object.keys(recipes).sort());
  });

  it('links to files that there are', () => {
    const links = [...readme.matchAll(/\]\(([^):]+)\)/g)].map(([, path = '']) => path);
    assert.ok(links.length > 3);
    for (const path of links) assert.ok(existsSync(repositoryPath(path)), path);
  });

  it('names scripts that there are', () => {
    const { scripts } = JSON.parse(readRepositoryFile('package.json')) as { scripts: Record<string, string> };
    assert.ok(readme.includes('npm install && npm start'));
    assert.ok(readme.includes('npm test'));
    for (const name of ['start', 'test']) assert.ok(name in scripts, name);
  });
});
