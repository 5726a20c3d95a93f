import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';

import { SystemNames } from '../../src/document/names.js';
import { credentialRows, detailRows, identityRows } from '../../src/output/inspect/process-rows.js';
import { methodNames } from '../../src/output/race/race-table.js';
import { defaultColumns } from '../../src/output/scan/chosen-columns.js';
import { findingIds } from '../../src/verdict/finding.js';
import { isRoot, requireThat } from '../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { readRepositoryFile } from '../helpers/pages.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';
import { wordsOf } from '../helpers/running/schema-words.js';
import { waitFor } from '../helpers/wait-for.js';

const readme = readRepositoryFile('README.md');

/** What the first column of a section's table has. */
function firstColumn(heading: string): string[] {
  const [, section = ''] = new RegExp(`\\n## ${heading}[^\\n]*\\n([^]*?)\\n## `).exec(readme) ?? [];
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = '']) => cell);
}

describe('README.md', () => {
  it('has a row for each verdict', () => {
    assert.deepEqual(firstColumn('Verdicts'), wordsOf('inspect', 'Verdict'));
  });

  it('has a row for each command', () => {
    const { commands } = JSON.parse(readRepositoryFile('oclif.manifest.json')) as { commands: object };
    const names = firstColumn('Commands').map((usage) => usage.split(' ')[1]);
    assert.deepEqual(names, Object.keys(commands));
  });

  it('shows a table as it is drawn', () => {
    const [, table = ''] = /by PID \(SO_PEERCRED\)[^\n]*\n([^]*?)\n\n/.exec(readme) ?? [];
    const shown = table.split('\n').map((line) => line.trim().split(/ {2,}/)[0] ?? '');
    const possible = [
      ...identityRows.map(({ label }) => label),
      ...credentialRows.map(({ label }) => `${label} at listen`),
      ...detailRows.map(({ label }) => label),
    ];
    assert.ok(shown.length > 10);
    assert.deepEqual(
      shown,
      possible.filter((label) => shown.includes(label)),
    );
  });

  it("shows scan's table as it is drawn, with verdicts and findings that there are", () => {
    const [, shown = ''] = /\n {4}# peerpid scan\n([^]*?)\n\n\S/.exec(readme) ?? [];
    const [heading = '', ...lines] = shown.split('\n').map((line) => line.trim());
    const dropped = /No room for ([^:]*):/.exec(shown)?.[1]?.split(', ') ?? [];
    const columns = defaultColumns(new Map()).map((column) => column.heading);
    assert.deepEqual(
      heading.split(/ {2,}/),
      columns.filter((column) => !dropped.includes(column)),
    );
    const verdicts: readonly string[] = wordsOf('inspect', 'Verdict');
    const table = lines.slice(0, lines.indexOf(''));
    assert.ok(table.length > 10);
    for (const line of table) assert.ok(verdicts.includes(line.split(' ')[0] ?? ''), line);
    const counted = [...(/findings: ([^]*)/.exec(shown)?.[1]?.matchAll(/([a-z-]+) \d/g) ?? [])].map(
      ([, id = '']) => id,
    );
    const findings: readonly string[] = findingIds;
    assert.ok(counted.length > 3);
    assert.deepEqual(
      counted.filter((id) => !findings.includes(id)),
      [],
    );
  });

  it('shows the methods of a race as they are drawn', () => {
    const [, shown = ''] = /\n {4}How often was each fooled\?[^\n]*\n\n([^]*?)\n\n/.exec(readme) ?? [];
    const names = shown.split('\n').map((line) => line.trim().split(/ {2,}/)[0]);
    assert.deepEqual(names, Object.values(methodNames));
  });

  it('shows a message with stated credentials, and a summary, as they are told', async function () {
    requireThat(this, isRoot, 'it takes root, to state credentials');
    requireThat(this, new SystemNames().user(33) === 'www-data', 'uid 33 is not www-data here');
    using directory = new TemporaryDirectory();
    const path = directory.file('app.sock');
    const listening = runPeerpid(['listen', '--type', 'dgram', '--count', '1', path]);
    await waitFor('it listens', () => existsSync(path));
    const stated = ['--as-pid', `${process.pid}`, '--as-uid', '33', '--as-gid', '33'];
    await runPeerpid(['send', ...stated, path, 'let me in']);
    const { stdout } = await listening;
    const plain = (text: string): string[] =>
      text.split('\n').map((line) =>
        line
          .trim()
          .replace(/^[\d:]{8} /, '')
          .replace(/pid \d+ \S+,/, 'pid N program,')
          .replace(/\b\d+ messages?: \d+/, 'N messages: N'),
      );
    const shown = plain(readme);
    const told = plain(stdout).slice(1, -1);
    assert.equal(told.length, 3, stdout);
    assert.deepEqual(
      told.filter((line) => !shown.includes(line)),
      [],
    );
  });

  it('names scripts that there are', () => {
    const { scripts } = JSON.parse(readRepositoryFile('package.json')) as { scripts: Record<string, string> };
    assert.ok(readme.includes('npm install && npm start'));
    assert.ok(readme.includes('npm test'));
    for (const name of ['start', 'test']) assert.ok(name in scripts, name);
  });
});
