import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';

import { pictures } from '../../examples/pictures.js';
import { listSockets } from '../../native-probe/sock-diag.js';
import { codeCachePath } from '../../src/cli/code-cache.js';
import type { InspectDocument } from '../../src/document/inspect-document.js';
import type { ScanDocument } from '../../src/document/scan-document.js';
import { requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { repositoryPath } from '../helpers/pages.js';
import { Peer } from '../helpers/peers/peer.js';
import { filesIn, install, libraryIn, pack, root, unpack } from '../helpers/running/installed-package.js';
import { assertDocument, readSchema, schemaNames } from '../helpers/running/json-schema.js';
import { mayRace } from '../helpers/running/race.js';
import { waitFor } from '../helpers/wait-for.js';

interface PackageJson {
  readonly version: string;
  readonly man: string[];
}

const { version, man } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson;

/** The command line: what starts, what it loads, and programs of their own. */
const bundles = ['help.cjs', 'inspect.cjs', 'command-line.cjs'];
const bundle = [
  'main.cjs',
  ...bundles,
  ...bundles.map((file) => basename(codeCachePath(file))),
  'survey-worker.cjs',
  'race-stage.cjs',
].map((file) => `dist/cli/${file}`);

describe('the package that npm pack makes', function () {
  this.timeout(120_000);
  let directory: TemporaryDirectory;
  let tarball: string;
  let files: string[];

  before(function () {
    requirePrograms(this, 'npm', 'tar');
    directory = new TemporaryDirectory();
    tarball = pack(directory.path);
    files = filesIn(tarball);
  });
  after(() => {
    directory[Symbol.dispose]();
  });

  it('has what it needs, and nothing else', () => {
    const documents = ['README.md', 'CHANGELOG.md', 'LICENSE', 'dist/cli/LICENSES.txt', ...man];
    const units = ['peerpid-scan.service', 'peerpid-scan.timer', 'peerpid-trace.service'].map(
      (name) => `docs/systemd/${name}`,
    );
    const drawn = Object.keys(pictures).map((name) => `docs/${name}.svg`);
    const schemas = schemaNames.map((name) => `dist/schema/${name}.json`);
    const bpf = readdirSync(repositoryPath('native-probe/bpf'))
      .filter((name) => name.endsWith('.o'))
      .map((name) => `native-probe/bpf/${name}`);
    const completions = ['peerpid.bash', '_peerpid', 'peerpid.fish'].map((name) => `dist/completions/${name}`);
    const programs = ['package.json', 'bin/run.cjs', ...bundle];
    const wanted = [
      ...documents,
      ...drawn,
      ...units,
      ...schemas,
      ...completions,
      ...bpf,
      ...programs,
      ...libraryIn(unpack(tarball, directory.path)),
    ];
    assert.deepEqual(files.toSorted(), wanted.toSorted());
  });

  it('has the licences of what is bundled', () => {
    const licences = execFileSync('tar', ['-xzOf', tarball, 'package/dist/cli/LICENSES.txt'], { encoding: 'utf8' });
    const names = [...licences.matchAll(/^(\S+) \d[\d.]* \(.+\)$/gm)].map(([, name]) => name);
    for (const name of ['@oclif/core', 'chalk', 'cli-table3', 'fast-string-width', 'fast-wrap-ansi']) {
      assert.ok(names.includes(name), name);
    }
    assert.doesNotMatch(licences, /carries no licence text/);
  });

  describe('installed', () => {
    let project: string;

    before(function () {
      const installed = install(tarball, directory.path);
      if (installed === undefined && process.env['CI'] === 'true') throw new Error('CI has no package registry');
      requireThat(this, installed !== undefined, 'the package registry is out of reach');
      project = installed ?? '';
    });

    it('tells its version', () => {
      const { stdout } = spawnSync(join(project, 'node_modules/.bin/peerpid'), ['--version'], { encoding: 'utf8' });
      assert.ok(stdout.startsWith(`peerpid/${version} `), stdout);
    });

    it('inspects a socket', async () => {
      await using server = await Peer.start();
      const path = directory.file('inspected');
      await server.do('listen', path);
      const program = join(project, 'node_modules/.bin/peerpid');
      const { status, stdout } = spawnSync(program, ['inspect', '--json', path], { encoding: 'utf8' });
      assertDocument('inspect', stdout);
      const { verdict, byPidfd } = JSON.parse(stdout) as InspectDocument;
      assert.deepEqual([status, verdict, byPidfd?.pid], [0, 'pinned', server.pid]);
    });

    it('scans, with the help of its second thread', async function () {
      requirePrograms(this, 'strace');
      await using server = await Peer.start();
      const path = directory.file('scanned');
      await server.do('listen', path);
      const calls = directory.file('calls');
      const program = join(project, 'node_modules/.bin/peerpid');
      const strace = ['-f', '-qq', '-o', calls, '-e', 'trace=openat'];
      // By the other source it needs none
      const scan = ['scan', '--json', '--source', 'proc'];
      // Nobody but the thread itself reads its program
      const worker = join(project, 'node_modules/peerpid/dist/cli/survey-worker.cjs');
      let opened: string[] = [];
      // On a busy machine the first may be done before the second comes up
      for (let run = 0; run < 5 && opened.length === 0; run++) {
        const { stdout, stderr } = spawnSync('strace', [...strace, program, ...scan], {
          encoding: 'utf8',
          maxBuffer: 2 ** 30,
        });
        assert.equal(stderr, '');
        assert.notEqual(stdout, '', stderr);
        assertDocument('scan', stdout);
        const { sockets } = JSON.parse(stdout) as ScanDocument;
        const listener = sockets.find(({ address }) => address === path);
        assert.deepEqual([listener?.verdict, listener?.byPidfd?.pid], ['pinned', server.pid]);
        opened = readFileSync(calls, 'utf8')
          .split('\n')
          .filter((line) => line.includes(`"${worker}"`));
      }
      assert.ok(opened.length > 0);
      for (const call of opened) assert.doesNotMatch(call, / = -1 /);
    });

    it('races, on a stage of its own', function () {
      requireThat(this, mayRace(), 'PID namespaces may not be made here');
      const program = join(project, 'node_modules/.bin/peerpid');
      const { status, stdout, stderr } = spawnSync(program, ['race', '--json'], { encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, '']);
      assertDocument('race', stdout);
    });

    it('has its man pages where its package.json says', () => {
      for (const page of man) assert.ok(existsSync(join(project, 'node_modules/peerpid', page)), page);
    });

    it('gives its JSON Schemas to who imports them', () => {
      for (const name of schemaNames) {
        const source = `import schema from 'peerpid/schema/${name}.json' with { type: 'json' };
          process.stdout.write(JSON.stringify(schema));`;
        const options = ['--no-warnings', '--input-type=module', '--eval', source];
        const imported = execFileSync(process.execPath, options, { cwd: project, encoding: 'utf8' });
        assert.deepEqual(JSON.parse(imported), readSchema(name));
      }
    });

    it('needs nothing that is not installed with it', () => {
      const modules = files.filter((file) => /^dist\/(?:src|native-probe)\/.*\.js$/.test(file));
      const imports = modules.map((file) => `await import('./node_modules/peerpid/${file}');`);
      writeFileSync(join(project, 'all.js'), imports.join('\n'));
      execFileSync(process.execPath, ['all.js'], { cwd: project, stdio: 'pipe' });
    });

    it('has types', () => {
      const consumer = `import { peerOf, type Verdict } from 'peerpid';
        using peer = peerOf(3);
        const verdict: Verdict = peer.verdict;
        const started: string | undefined = (await peer.describe()).byPidfd?.startTime;
        // @ts-expect-error: there is no such verdict
        export const wrong = verdict === 'trusted' ? started : undefined;`;
      writeFileSync(join(project, 'consumer.ts'), consumer);
      const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023'];
      const types = [
        '--lib',
        'es2023,esnext.disposable',
        '--types',
        'node',
        '--typeRoots',
        `${root}/node_modules/@types`,
      ];
      const tsc = [`${root}/node_modules/typescript/bin/tsc`, ...options, ...types, 'consumer.ts'];
      const { status, stdout } = spawnSync(process.execPath, tsc, { cwd: project, encoding: 'utf8' });
      assert.equal(stdout, '');
      assert.equal(status, 0);
    });

    it('does as a library what the README shows', async () => {
      const readme = readFileSync(join(root, 'README.md'), 'utf8');
      const example = /```js\n([^]*?)```/.exec(readme)?.[1] ?? '';
      const path = directory.file('example');
      assert.ok(example.includes('/tmp/example.sock'));
      writeFileSync(join(project, 'example.js'), example.replace('/tmp/example.sock', path));
      const service = spawn(process.execPath, ['example.js'], { cwd: project, stdio: 'inherit' });
      try {
        // Its file is there a moment before listen(2) is called
        await waitFor('the example listens', () =>
          listSockets('listening').some(
            ({ address }) => address.kind === 'path' && address.path.equals(Buffer.from(path)),
          ),
        );
        const answer = await text(connect(path));
        assert.match(answer, new RegExp(`\\b${process.pid}\\b.*${process.execPath}`));
      } finally {
        const ended = once(service, 'exit');
        if (service.exitCode === null && service.kill()) await ended;
      }
    });
  });
});
