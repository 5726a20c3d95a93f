import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

import { rows } from '../../src/doctor/rows.js';
import { abilityWords } from '../../src/output/doctor/doctor-text.js';
import { busColumns } from '../../src/output/bus/bus-table.js';
import { credentialRows, processRows } from '../../src/output/inspect/process-rows.js';
import { defaultColumns } from '../../src/output/scan/chosen-columns.js';
import { scanMetricList } from '../../src/output/scan/scan-metrics.js';
import { type FindingId, findingIds, findings } from '../../src/verdict/finding.js';
import { environmentNames } from '../../src/words/environment.js';
import { exitStatuses, problemCodes } from '../../src/words/problem.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import { missingIn, pages, readRepositoryFile, rendered, repositoryPath, sectionOf } from '../helpers/pages.js';
import { schemaNames } from '../helpers/running/json-schema.js';
import { eventsOf, fieldsOf, typesOf, wordsOf } from '../helpers/running/schema-words.js';

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

    // man(1) of most systems is groff's; it pushes what follows a column that is too wide out of sight
    it(`${page} fits a terminal of 80 columns`, function () {
      requirePrograms(this, 'groff');
      const args = ['-Tutf8', '-P-c', '-P-b', '-P-o', '-P-u', '-mdoc', '-rLL=78n', repositoryPath(page)];
      const { status, stdout, stderr } = spawnSync('groff', args, { encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, '']);
      assert.ok(stdout.includes('SEE ALSO'));
      assert.deepEqual(
        stdout.split('\n').filter((line) => line.length > 100),
        [],
      );
      assert.doesNotMatch(stdout, /‘[^’\n]*‘/);
    });

    if (page.endsWith('.7')) continue;
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
    const verdicts = wordsOf('inspect', 'Verdict');
    assert.ok(verdicts.includes('recycled'));
    const words = [...Object.keys(commands), ...verdicts, ...environmentNames];
    assert.deepEqual(missingIn(rendered('man/peerpid.1'), words), []);
    const [, synopsis = ''] = /\nSYNOPSIS\n([^]*?)\nDESCRIPTION/.exec(rendered('man/peerpid.1')) ?? [];
    assert.ok(synopsis.includes(Object.keys(commands).sort().join(' | ')), synopsis);
  });

  it('peerpid.7 explains every verdict, and every word that peerpid.1 sends there for', () => {
    const page = rendered('man/peerpid.7');
    for (const verdict of wordsOf('inspect', 'Verdict')) assert.match(page, new RegExp(`^ +${verdict} {2,}`, 'm'));
    const [, words = ''] = /^ *([^.]*?) are explained in peerpid\(7\)/m.exec(sectionOf('man/peerpid.1', 'Words')) ?? [];
    const terms = words.toLowerCase().split(/, | and /);
    assert.ok(terms.length > 7);
    for (const term of terms) assert.match(page, new RegExp(`^ +${term} {2,}`, 'm'));
  });

  it('peerpid.1 tells every schema, and every code of an error that is no errno', () => {
    const page = rendered('man/peerpid.1');
    assert.deepEqual(
      missingIn(
        page,
        schemaNames.map((name) => `${name}.json`),
      ),
      [],
    );
    // All of them, and none that there is no more
    const [, list = ''] = /is the name of an errno (?:\([^)]*\))?, or one of\s+([^]*?)\./.exec(page) ?? [];
    assert.deepEqual((list.match(/[A-Z][A-Z0-9_]+/g) ?? []).sort(), [...problemCodes].sort());
  });

  /** What the pages of other commands need not repeat. */
  const ofPeer = fieldsOf('inspect', typesOf('inspect', 'connections'));

  const findingsOn = (page: string): FindingId[] => findingIds.filter((id) => findings[id].page === page);

  it('peerpid-listen.1 tells every finding of messages', () => {
    assert.ok(findingsOn('listen').includes('sender-differs'));
    assert.deepEqual(missingIn(rendered('man/peerpid-listen.1'), findingsOn('listen')), []);
  });

  it('peerpid-inspect.1 tells every verdict, basis and other finding', () => {
    assert.ok(findingsOn('inspect').includes('holder-differs'));
    const words = [
      ...findingsOn('inspect'),
      ...['Severity', 'Verdict', 'Basis'].flatMap((type) => wordsOf('inspect', type)),
    ];
    assert.deepEqual(missingIn(rendered('man/peerpid-inspect.1'), words), []);
  });

  it('peerpid-inspect.1 tells every row of the table', () => {
    const labels = [...processRows, ...credentialRows].map(({ label }) => label);
    assert.deepEqual(missingIn(sectionOf('man/peerpid-inspect.1', 'Rows of the table'), labels), []);
  });

  it('peerpid-scan.1 tells every finding that only scan has, and how severe it is', () => {
    assert.ok(findingsOn('scan').includes('service-sees-unmapped') && findingsOn('scan').includes('file-moved'));
    const section = sectionOf('man/peerpid-scan.1', 'Findings');
    for (const id of findingsOn('scan')) {
      assert.match(section, new RegExp(`^ +${id} +\\(${findings[id].severities.join(' or ')}\\) `, 'm'));
    }
  });

  it('each page sends readers of a finding to the page that has it', () => {
    const inspect = sectionOf('man/peerpid-inspect.1', 'Findings');
    assert.deepEqual(missingIn(inspect, ['peerpid-listen', 'peerpid-scan']), []);
    assert.deepEqual(missingIn(sectionOf('man/peerpid-scan.1', 'Findings'), ['peerpid-inspect']), []);
  });

  it('peerpid-scan.1 tells every column of the table', () => {
    const headings = defaultColumns(new Map([[1, 'own']])).map(({ heading }) => heading);
    assert.ok(headings.includes('NETNS') && headings.includes('REMARKS'));
    const section = sectionOf('man/peerpid-scan.1', 'Columns of the table');
    for (const heading of headings) assert.match(section, new RegExp(`^ +${heading} {2,}`, 'm'));
  });

  it('peerpid-scan.1 tells every metric', () => {
    const metrics = scanMetricList.map(({ name }) => `peerpid_${name}`);
    assert.ok(metrics.includes('peerpid_connections'));
    assert.deepEqual(missingIn(sectionOf('man/peerpid-scan.1', 'Metrics'), metrics), []);
  });

  it('peerpid-scan.1 tells every field of the JSON', () => {
    const documented = fieldsOf('scan').filter((field) => !ofPeer.includes(field));
    assert.ok(documented.includes('networkNamespace') && documented.includes('withoutHolder'));
    assert.deepEqual(missingIn(sectionOf('man/peerpid-scan.1', 'JSON'), documented), []);
  });

  it('peerpid-scan.1 tells every event of --watch, and its fields', () => {
    const events = eventsOf('watch');
    assert.equal(events.length, 6);
    const documented = fieldsOf('watch', [...events.map(({ type }) => type), 'WatchedSocket']);
    // It is that of a single scan, told there
    const words = [...events.map(({ event }) => event), ...documented].filter((word) => word !== 'networkNamespaces');
    assert.deepEqual(missingIn(sectionOf('man/peerpid-scan.1', 'Watching'), words), []);
  });

  it('peerpid-doctor.1 tells every row, word and field of the JSON', () => {
    const ids = rows.map(({ id }) => id);
    assert.ok(ids.includes('so-peerpidfd'));
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(missingIn(sectionOf('man/peerpid-doctor.1', 'Rows'), ids), []);
    assert.deepEqual(missingIn(sectionOf('man/peerpid-doctor.1', 'Words'), Object.values(abilityWords)), []);
    const words = [...fieldsOf('doctor'), ...wordsOf('doctor', 'Ability')];
    assert.deepEqual(missingIn(sectionOf('man/peerpid-doctor.1', 'JSON'), words), []);
  });

  it('peerpid-race.1 tells every method and field of the JSON', () => {
    const ids = wordsOf('race', 'MethodId');
    assert.ok(ids.includes('peer-pidfd'));
    assert.deepEqual(missingIn(sectionOf('man/peerpid-race.1', 'Methods'), ids), []);
    const words = [
      ...fieldsOf('race').filter((field) => !ofPeer.includes(field)),
      ...wordsOf('race', 'TakenBy'),
      ...fieldsOf('forge').filter((field) => !ofPeer.includes(field)),
    ];
    assert.deepEqual(missingIn(sectionOf('man/peerpid-race.1', 'JSON'), words), []);
  });

  it('peerpid-bus.1 tells every verdict, column and field of the JSON', () => {
    const section = sectionOf('man/peerpid-bus.1', 'Verdicts');
    for (const verdict of wordsOf('bus', 'Verdict')) assert.match(section, new RegExp(`^ +${verdict} {2,}`, 'm'));
    const columns = sectionOf('man/peerpid-bus.1', 'Columns of the table');
    for (const { heading } of busColumns) assert.match(columns, new RegExp(`^ +${heading} {2,}`, 'm'));
    const events = eventsOf('bus-watch');
    assert.equal(events.length, 6);
    const ofEvents = fieldsOf(
      'bus-watch',
      events.map(({ type }) => type).filter((type) => type !== 'BusBeginEvent'),
    );
    const watching = sectionOf('man/peerpid-bus.1', 'Watching');
    assert.deepEqual(missingIn(watching, [...events.map(({ event }) => event), ...ofEvents]), []);
    const fields = fieldsOf('bus').filter((field) => !ofPeer.includes(field));
    assert.ok(fields.includes('givesPidfds') && fields.includes('groupCount'));
    assert.deepEqual(missingIn(sectionOf('man/peerpid-bus.1', 'JSON'), fields), []);
  });

  it('the other pages tell every field of the JSON', () => {
    assert.ok(ofPeer.includes('guardedBy') && ofPeer.includes('reason'));
    assert.deepEqual(missingIn(rendered('man/peerpid-inspect.1'), [...ofPeer, 'connections']), []);
    const events = eventsOf('listen');
    assert.equal(events.length, 7);
    const ofListen = fieldsOf('listen').filter((field) => !ofPeer.includes(field));
    assert.deepEqual(
      missingIn(rendered('man/peerpid-listen.1'), [...events.map(({ event }) => event), ...ofListen]),
      [],
    );
    assert.deepEqual(missingIn(rendered('man/peerpid-send.1'), fieldsOf('send')), []);
  });
});
