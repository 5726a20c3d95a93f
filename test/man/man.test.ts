import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

import { credentialRows, processRows } from '../../src/output/process-rows.js';
import { exitStatuses } from '../../src/problem.js';
import { requirePrograms } from '../helpers/requirements.js';
import {
  environmentVariables,
  fields,
  fieldsOfInterface,
  missingIn,
  pages,
  readRepositoryFile,
  rendered,
  repositoryPath,
  unionMembers,
} from './pages.js';

interface Manifest {
  readonly commands: Record<string, { flags: Record<string, { name: string; char?: string; allowNo?: boolean }> }>;
}

const { commands } = JSON.parse(readRepositoryFile('oclif.manifest.json')) as Manifest;
const { man } = JSON.parse(readRepositoryFile('package.json')) as { man: string[] };

describe('man pages', () => {
  before(function () {
    requirePrograms(this, 'mandoc');
  });

  it('are all installed, one for each command', () => {
    assert.deepEqual([...man].sort(), pages().sort());
    assert.deepEqual(missingIn(man.join(' '), ['man/peerpid.1']), []);
    for (const command of Object.keys(commands)) assert.ok(man.includes(`man/peerpid-${command}.1`), command);
  });

  for (const page of man) {
    it(`${page} is sound mdoc`, () => {
      const { status, stdout, stderr } = spawnSync('mandoc', ['-Tlint', '-Wwarning', repositoryPath(page)], {
        encoding: 'utf8',
      });
      assert.equal(stdout + stderr, '');
      assert.equal(status, 0);
    });

    it(`${page} tells every exit status`, () => {
      const [, section = ''] = /\nEXIT STATUS\n([^]*?)\n[A-Z]/.exec(rendered(page)) ?? [];
      for (const status of Object.values(exitStatuses)) assert.match(section, new RegExp(`^ +${status} `, 'm'));
    });
  }

  for (const [name, { flags }] of Object.entries(commands)) {
    it(`peerpid-${name}.1 tells every flag`, () => {
      const spellings = Object.values(flags).flatMap(({ name: flag, char, allowNo }) => [
        `--${flag}`,
        ...(allowNo === true ? [`--no-${flag}`] : []),
        ...(char === undefined ? [] : [`-${char}`]),
      ]);
      assert.deepEqual(missingIn(rendered(`man/peerpid-${name}.1`), spellings), []);
    });
  }

  it('peerpid.1 tells every command, verdict and environment variable', () => {
    const verdicts = unionMembers('src/verdict.ts', 'Verdict');
    assert.ok(verdicts.includes('recycled'));
    const words = [...Object.keys(commands), ...verdicts, ...environmentVariables()];
    assert.deepEqual(missingIn(rendered('man/peerpid.1'), words), []);
  });

  const ofMessages = [...readRepositoryFile('src/sender-findings.ts').matchAll(/\bfinding\(\s*'([^']+)'/g)].map(
    ([, id = '']) => id,
  );

  const ofPeers = readRepositoryFile('src/findings.ts');

  it('peerpid-listen.1 tells every finding of messages', () => {
    assert.ok(ofMessages.includes('sender-differs'));
    assert.deepEqual(missingIn(rendered('man/peerpid-listen.1'), ofMessages), []);
  });

  it('peerpid-inspect.1 tells every verdict, basis and other finding', () => {
    const findings = unionMembers('src/finding.ts', 'FindingId');
    assert.ok(findings.includes('holder-differs'));
    const words = [
      ...findings.filter((id) => !ofMessages.includes(id) || ofPeers.includes(`'${id}'`)),
      ...unionMembers('src/finding.ts', 'Severity'),
      ...unionMembers('src/verdict.ts', 'Verdict'),
      ...unionMembers('src/verdict.ts', 'Basis'),
    ];
    assert.deepEqual(missingIn(rendered('man/peerpid-inspect.1'), words), []);
  });

  it('peerpid-inspect.1 tells every row of the table', () => {
    const labels = [...processRows, ...credentialRows].map(({ label }) => label);
    const [, section = ''] = /Rows of the table\n([^]*?)\n {3}\w/.exec(rendered('man/peerpid-inspect.1')) ?? [];
    assert.deepEqual(missingIn(section, labels), []);
  });

  it('the pages tell every field of the JSON', () => {
    const documents = [...readRepositoryFile('src/document.ts').matchAll(/interface (\w+)/g)].map(
      ([, name = '']) => name,
    );
    const ofPeer = documents.filter((name) => !name.startsWith('Message'));
    const peerFields = ofPeer.flatMap((name) => fieldsOfInterface('src/document.ts', name));
    assert.ok(peerFields.includes('guardedBy') && peerFields.includes('reason'));
    assert.deepEqual(missingIn(rendered('man/peerpid-inspect.1'), peerFields), []);
    assert.deepEqual(
      missingIn(rendered('man/peerpid-listen.1'), [
        ...fields('src/listening/listen-event.ts'),
        ...fieldsOfInterface('src/document.ts', 'MessageDocument'),
        ...fieldsOfInterface('src/document.ts', 'MessageCredentialDocument'),
      ]),
      [],
    );
    assert.deepEqual(missingIn(rendered('man/peerpid-send.1'), fields('src/sending.ts')), []);
    const events = [...readRepositoryFile('src/listening/listen-event.ts').matchAll(/event: '(\w+)'/g)];
    assert.equal(events.length, 7);
    assert.deepEqual(
      missingIn(
        rendered('man/peerpid-listen.1'),
        events.map(([, event = '']) => event),
      ),
      [],
    );
  });
});
