import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import type { ScanDocument } from '../../src/document/scan-document.js';
import { requireNetworkNamespaces } from '../helpers/machine/network-namespace.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import { Room } from '../helpers/machine/room.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { readRepositoryFile, repositoryPath } from '../helpers/pages.js';
import { Peer } from '../helpers/peers/peer.js';
import { peerpid, runPeerpid } from '../helpers/running/run-peerpid.js';
import { scanJson } from '../helpers/running/scan-json.js';

const service = readRepositoryFile('docs/systemd/peerpid-scan.service');

/** The words of all lines that set something in the unit. */
function settings(name: string): string[] {
  return [...service.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].flatMap(([, value = '']) => value.split(' '));
}

/** What the unit says is to be added to it for containers. */
function dropIn(): string {
  const [, comment = ''] = /`systemctl edit` with\n((?:#.*\n)+)/.exec(service) ?? [];
  return comment.replace(/^# +/gm, '');
}

/** As systemd has it, with whatever it prints. */
function systemdAnalyze(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout + stderr;
}

/** The system calls of a set such as `@system-service`, and of those in it. */
function systemCalls(set: string): string[] {
  return systemdAnalyze('syscall-filter', '--no-pager', set)
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .flatMap((name) => (name.startsWith('@') ? systemCalls(name) : /^\w+$/.test(name) ? [name] : []));
}

describe('the example units for systemd', function () {
  this.timeout(60_000);
  let directory: TemporaryDirectory;

  before(() => {
    directory = new TemporaryDirectory();
  });
  after(() => {
    directory[Symbol.dispose]();
  });

  it('are as systemd wants them, with what is to be added for containers, too', function () {
    requirePrograms(this, 'systemd-analyze');
    // There may be no peerpid among the installed programs
    const installed = (text: string): string => text.replaceAll('=peerpid ', `=${peerpid} `);
    const [unit, timer] = ['peerpid-scan.service', 'peerpid-scan.timer'].map((name) => directory.file(name));
    assert.ok(unit !== undefined && timer !== undefined);
    writeFileSync(unit, installed(service));
    copyFileSync(repositoryPath('docs/systemd/peerpid-scan.timer'), timer);
    assert.equal(systemdAnalyze('verify', '--man=no', unit, timer), '');

    assert.match(dropIn(), /^\[Service\]\nExecStart=\nExecStart=peerpid scan --prometheus /);
    mkdirSync(`${unit}.d`);
    writeFileSync(`${unit}.d/override.conf`, installed(dropIn()));
    assert.equal(systemdAnalyze('verify', '--man=no', unit, timer), '');
    writeFileSync(`${unit}.d/override.conf`, `${installed(dropIn())}Nonsense=1\n`);
    assert.match(systemdAnalyze('verify', '--man=no', unit), /Unknown key .*Nonsense/);
  });

  it('run what peerpid takes, and do not fail by what is found', async () => {
    const command = settings('ExecStart');
    assert.equal(command.shift(), 'peerpid');
    const file = directory.file('peerpid.prom');
    command[command.length - 1] = file;
    const { status, stderr } = await runPeerpid(command);
    assert.equal(stderr, '');
    assert.ok(status === 0 || settings('SuccessExitStatus').includes(String(status)), String(status));
    assert.match(readFileSync(file, 'utf8'), /^peerpid_build_info/m);
  });

  it('leave root the capabilities to see all: others’ sockets, and which files they are bound to', async function () {
    requirePrograms(this, 'setpriv');
    requireNetworkNamespaces(this);
    await using room = await Room.make();
    await using peer = await Peer.start({
      wrapper: [...room.enter, 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
    });
    await peer.do('listen', '@app');
    await peer.do('connect', '@app');
    const path = directory.file('deleted');
    await room.init.do('listen', path);
    rmSync(path);
    const capabilities = settings('CapabilityBoundingSet').map((name) => `+${name.slice('CAP_'.length).toLowerCase()}`);
    const bounded = ['setpriv', `--bounding-set=-all,${capabilities.join(',')}`];
    const all = await scanJson([], { wrapper: room.enter });
    const seen = await scanJson([], { wrapper: [...room.enter, ...bounded] });
    assert.deepEqual(seen.summary, all.summary);
    assert.equal(seen.summary.verdicts.pinned, 3);
    assert.deepEqual(seen.notSeen, all.notSeen);
    const findings = (document: ScanDocument): unknown => document.sockets.map((row) => row.findings);
    assert.deepEqual(findings(seen), findings(all));
    // They are needed
    const { status } = await runPeerpid(['scan', '--connections'], {
      wrapper: [...room.enter, 'setpriv', '--bounding-set=-all'],
    });
    assert.equal(status, 1);
  });

  it('allow what system calls and sockets a scan takes', function () {
    requirePrograms(this, 'systemd-analyze', 'strace');
    const log = directory.file('strace');
    const args = [
      '-f',
      '-qq',
      '-o',
      log,
      process.execPath,
      peerpid,
      'scan',
      '--own-namespace',
      // The unit has not the capabilities for the other source
      '--source',
      'proc',
      '--prometheus',
      '--output',
      directory.file('out'),
    ];
    const { stderr } = spawnSync('strace', args, { encoding: 'utf8' });
    assert.equal(stderr, '');
    const trace = readFileSync(log, 'utf8');
    const made = new Set([...trace.matchAll(/^\d+ +(\w+)\(/gm)].map(([, name = '']) => name));
    assert.ok(made.has('pidfd_getfd') && made.has('rename'));
    const allowed = new Set(
      ['@default', ...settings('SystemCallFilter')].flatMap((name) =>
        name.startsWith('@') ? systemCalls(name) : [name],
      ),
    );
    assert.deepEqual(
      [...made].filter((name) => !allowed.has(name)),
      [],
    );
    const families = new Set([...trace.matchAll(/\bsocket(?:pair)?\((AF_\w+)/g)].map(([, family = '']) => family));
    assert.ok(families.has('AF_NETLINK'));
    assert.deepEqual(
      [...families].filter((family) => !settings('RestrictAddressFamilies').includes(family)),
      [],
    );
    assert.doesNotMatch(trace, /\b(?:setns|unshare)\(/);
  });
});
