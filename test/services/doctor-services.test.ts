import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import type { KnownService } from '../../src/doctor/services/known-services.js';
import { serviceRows } from '../../src/doctor/services/services.js';
import type { ServiceRow } from '../../src/document/doctor-document.js';
import { asUser } from '../helpers/assert-problem.js';
import { childrenOf } from '../helpers/machine/connections.js';
import { isRoot, requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { Service } from '../helpers/peers/service.js';
import { prepareEach } from '../helpers/prepare-each.js';
import { built } from '../helpers/running/program-root.js';
import { waitFor } from '../helpers/wait-for.js';

function rowOf(rows: readonly ServiceRow[], id: string): ServiceRow {
  const row = rows.find((one) => one.id === id);
  assert.ok(row !== undefined, `no row for ${id}`);
  return row;
}

/** The version of a package that is installed, as its database has it, without an epoch. */
function packageVersion(name: string): string {
  const version = execFileSync('dpkg-query', ['-W', '-f', '${Version}', name], { encoding: 'utf8' });
  return version.replace(/^\d+:/, '');
}

function startBus(directory: TemporaryDirectory): Promise<Service> {
  const address = directory.file('bus');
  const command = ['dbus-daemon', '--session', `--address=unix:path=${address}`, '--nofork', '--nopidfile'];
  return Service.start(command, { listensAt: address });
}

describe('serviceRows and what is installed', () => {
  before(function () {
    requirePrograms(this, 'dpkg-query', 'dbus-daemon');
  });

  it('tells the versions of the packages', async function () {
    const rows = await serviceRows({ kernelGives: true });
    assert.ok(packageVersion('dbus').startsWith(`${rowOf(rows, 'dbus-daemon').version}-`));
    requireThat(this, existsSync('/usr/lib/systemd/systemd'), 'needs systemd');
    assert.ok(rowOf(rows, 'systemd').version?.endsWith(`(${packageVersion('systemd')})`));
  });

  it('is sure of what it knows, and says what each goes by', async () => {
    for (const row of await serviceRows({ kernelGives: true })) {
      assert.ok(['yes', 'no'].includes(row.usesPidfds), JSON.stringify(row));
      assert.match(row.detail, /^[A-Z][^\x00-\x1f]+\.$/);
    }
  });

  it('sees that one runs', async () => {
    using directory = new TemporaryDirectory();
    await using _bus = await startBus(directory);
    assert.equal(rowOf(await serviceRows({ kernelGives: true }), 'dbus-daemon').running, true);
  });

  it("tells the same to a user, who does not see other users' executables", async function () {
    requireThat(this, isRoot, 'needs root');
    requirePrograms(this, 'setpriv');
    using directory = new TemporaryDirectory();
    await using _bus = await startBus(directory);
    const [program = '', ...args] = asUser(65534, 65534).wrapper ?? [];
    const module = built('src/doctor/services/services.js');
    const code = `const { serviceRows } = await import(${JSON.stringify(module)});
      console.log(JSON.stringify(await serviceRows({ kernelGives: true })));`;
    const node = [process.execPath, '--input-type=module', '-e', code];
    const told = JSON.parse(execFileSync(program, [...args, ...node], { encoding: 'utf8', cwd: '/' })) as ServiceRow[];
    assert.deepEqual(told, await serviceRows({ kernelGives: true }));
  });
});

describe('serviceRows and a program', () => {
  let directory: TemporaryDirectory;

  before(function () {
    requireThat(this, isRoot, 'needs root, whose programs alone are run');
  });

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
  });

  function madeUp(script: string, changes: Partial<KnownService> = {}): KnownService {
    const program = directory.file('madeupd');
    writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return {
      id: 'madeup',
      programs: [directory.file('not-here'), program],
      says: 'madeup',
      comm: 'madeupd',
      uses: [
        { since: '12', does: 'pins what it is asked by' },
        { since: '14', does: 'pins all' },
      ],
      otherwise: 'goes by the number',
      still: 'It logs the number.',
      ...changes,
    };
  }

  async function row(
    service: KnownService,
    kernelGives: boolean | undefined = true,
    milliseconds = 10_000,
  ): Promise<ServiceRow> {
    return rowOf(await serviceRows({ kernelGives, services: [service], milliseconds }), 'madeup');
  }

  it('concludes from the version', async () => {
    assert.deepEqual(await row(madeUp("echo 'madeup 13 (13-1)'")), {
      id: 'madeup',
      version: '13 (13-1)',
      program: directory.file('madeupd'),
      running: false,
      since: '12',
      usesPidfds: 'yes',
      detail: 'As released upstream it pins what it is asked by. From 14 on it pins all. It logs the number.',
    });
    const newest = await row(madeUp('echo madeup 14.1'));
    assert.equal(newest.detail, 'As released upstream it pins what it is asked by, and pins all. It logs the number.');
    const old = await row(madeUp('echo madeup 11.9'));
    assert.equal(old.usesPidfds, 'no');
    assert.equal(old.detail, 'As released upstream it goes by the number. From 12 on it pins what it is asked by.');
  });

  it('says no where the kernel gives no pidfds', async () => {
    const { usesPidfds, detail } = await row(madeUp('echo madeup 14'), false);
    assert.equal(usesPidfds, 'no');
    assert.equal(detail, 'As released upstream it goes by the number where the kernel gives no pidfds, as here.');
  });

  it('does not know it where only peerpid could not ask for one', async () => {
    const rows = await serviceRows({ kernelGives: undefined, services: [madeUp('echo madeup 12')] });
    const { usesPidfds, detail } = rowOf(rows, 'madeup');
    assert.equal(usesPidfds, 'not-known');
    assert.match(
      detail,
      /^As released upstream it pins what it is asked by, if the kernel gives pidfds, which could not/,
    );
  });

  it('has no row for what is not installed', async () => {
    const services = [madeUp('', { programs: [directory.file('not-here'), directory.path] })];
    assert.deepEqual(await serviceRows({ kernelGives: true, services }), []);
  });

  it('asks another program where there is one for that', async () => {
    const teller = directory.file('ask');
    const service = madeUp("touch 'wrong'", { tellers: [teller], says: 'ask version' });
    assert.match((await row(service)).detail, /there is no .*\/ask\.$/);
    writeFileSync(teller, '#!/bin/sh\necho ask version 12', { mode: 0o755 });
    assert.equal((await row(service)).version, '12');
  });

  const strange: readonly (readonly [what: string, script: string, reason: RegExp])[] = [
    ['says nothing', 'true', /says something else/],
    ['writes to the terminal', "printf 'madeup 14 (\\033[2J)\\n'", /says something else/],
    ['says it elsewhere', 'echo madeup 14 >&2', /says something else/],
    ['prints megabytes', 'echo madeup 14; exec yes', /printed too much/],
    ['prints megabytes elsewhere', 'echo madeup 14; exec yes >&2', /printed too much/],
    ['fails', 'echo madeup 14; exit 7', /ended with status 7/],
    ['crashes', 'echo madeup 14; kill -SEGV $$', /was ended by SIGSEGV/],
  ];
  for (const [what, script, reason] of strange) {
    it(`does not know the version of one that ${what}`, async () => {
      const { version, usesPidfds, detail, since } = await row(madeUp(script));
      assert.deepEqual([version, usesPidfds, since], [undefined, 'not-known', '12']);
      assert.match(detail, /^Its version is not known: /);
      assert.match(detail, reason);
      assert.doesNotMatch(detail, /[\x00-\x1f]/);
    });
  }

  it('ends one that does not end', async () => {
    const pid = directory.file('pid');
    const service = madeUp(`echo madeup 14; echo $$ >${pid}; exec sleep 1000`);
    // On a busy machine it may be ended before it could begin
    for (let milliseconds = 500; !existsSync(pid) || readFileSync(pid, 'utf8') === ''; milliseconds *= 2) {
      const { usesPidfds, detail } = await row(service, true, milliseconds);
      assert.equal(usesPidfds, 'not-known');
      assert.match(detail, /took too long/);
    }
    const number = readFileSync(pid, 'utf8').trim();
    await waitFor('it has ended', () => !existsSync(`/proc/${number}`));
  });

  it('does not wait for what one leaves behind', async () => {
    const keep = directory.file('keep');
    writeFileSync(keep, '');
    const service = madeUp(`while [ -e ${keep} ]; do sleep 0.2; done & echo madeup 14`);
    const { version } = await row(service, true, 2000);
    rmSync(keep);
    assert.equal(version, '14');
  });

  it('does not run what somebody else may write, or nobody may run', async () => {
    const ran = directory.file('ran');
    const service = madeUp(`touch ${ran}; echo madeup 14`);
    const program = directory.file('madeupd');
    chmodSync(program, 0o775);
    const { usesPidfds, detail, program: shown } = await row(service);
    assert.equal(usesPidfds, 'not-known');
    assert.equal(shown, program);
    assert.equal(
      detail,
      `Its version is not known: ${program} was not run, because ${program} can be changed by others than root.`,
    );
    assert.ok(!existsSync(ran));
    chmodSync(program, 0o644);
    assert.match((await row(service)).detail, /could not be run: permission denied \(EACCES\)\.$/);
    chmodSync(program, 0o755);
    assert.equal((await row(service)).version, '14');
    assert.ok(existsSync(ran), 'the same program would have told');
  });

  it('hands over neither environment nor directory nor input', async () => {
    const file = directory.file('surroundings');
    process.env['PEERPID_TEST_SECRET'] = 'a secret';
    try {
      await row(madeUp(`{ env; pwd; cat; } >${file}; echo madeup 14`));
    } finally {
      delete process.env['PEERPID_TEST_SECRET'];
    }
    const surroundings = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !/^(_|OLDPWD|SHLVL)=/.test(line));
    assert.deepEqual(surroundings.sort(), ['', '/', 'LC_ALL=C', 'PATH=/usr/bin:/bin', 'PWD=/']);
  });

  describe('that may be running', () => {
    let service: KnownService;
    let program: string;

    beforeEach(() => {
      service = madeUp('');
      program = directory.file('madeupd');
      cpSync('/bin/sleep', program);
    });

    async function isRunning(): Promise<boolean | undefined> {
      return (await row(service, true, 100)).running;
    }

    async function hasName(pid: number): Promise<void> {
      await waitFor('it has the name', () => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'madeupd\n');
    }

    it('sees it until it ends', async () => {
      assert.equal(await isRunning(), false);
      {
        await using sleeping = await Service.start([program, '1000']);
        await hasName(sleeping.pid);
        assert.equal(await isRunning(), true);
      }
      assert.equal(await isRunning(), false);
    });

    it('is not taken in by a process that only has the name', async () => {
      mkdirSync(directory.file('elsewhere'));
      const other = directory.file('elsewhere/madeupd');
      cpSync('/bin/sleep', other);
      await using impostor = await Service.start([other, '1000']);
      await hasName(impostor.pid);
      assert.equal(await isRunning(), false);
    });

    it("does not take a container's for the system's", async function () {
      requirePrograms(this, 'unshare');
      const command = ['unshare', '--pid', '--fork', '--kill-child', program, '1000'];
      await using container = await Service.start(command, { stop: 'SIGKILL' });
      await waitFor('it has a process', () => childrenOf(container.pid).length === 1);
      await hasName(childrenOf(container.pid)[0] ?? 0);
      assert.equal(await isRunning(), false);
    });
  });

  it('leaves no descriptors behind', async () => {
    const services = [madeUp('exec sleep 1000')];
    await serviceRows({ kernelGives: true, services, milliseconds: 100 });
    const before = readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 5; round++) await serviceRows({ kernelGives: true, services, milliseconds: 100 });
    await waitFor('its pipes are closed', () => readdirSync('/proc/self/fd').length <= before);
  });
});
