import assert from 'node:assert/strict';

import { knownCapabilities } from '../../../../src/words/capabilities.js';
import type { ProcessDocument } from '../../../../src/document/process-document.js';
import { credentialRows, processRows } from '../../../../src/output/inspect/process-rows.js';
import { exitText, idText } from '../../../../src/output/who.js';
import { context, processDocument } from '../../../helpers/document.js';

const ids = (real: number, effective: number): NonNullable<ProcessDocument['uids']> => ({
  real,
  effective,
  saved: 0,
  fs: 0,
});

const listOf = (capabilities: readonly string[]): string => capabilities.join(' ').replaceAll('cap_', '');

function shown(label: string, process: ProcessDocument): string | undefined {
  return processRows.find((row) => row.label === label)?.show(process, context());
}

describe('the rows of a process', () => {
  for (const [label, of, text] of [
    ['pid', {}, '42'],
    ['pid', { pid: 0 }, '0: outside this PID namespace'],
    ['pid', { pid: undefined, state: 'exited' }, 'none: it has ended'],
    ['pid', { pid: undefined }, 'not known'],
    ['pid', { threadOf: 41 }, '42, a thread of 41'],
    ['state', {}, 'running'],
    ['state', { state: 'zombie', exitStatus: { code: 7 } }, 'zombie: exited with status 7'],
    [
      'state',
      { state: 'exited', exitStatus: { signal: 'SIGSEGV', coreDumped: true } },
      'exited: killed by SIGSEGV (core dumped)',
    ],
    ['state', { state: 'exited' }, 'exited, how is not known'],
    ['command line', { cmdline: [] }, '-'],
    ['command line', { cmdline: ['a', 'b c', '', "it's", '$x'] }, `a 'b c' '' 'it'\\''s' '$x'`],
    ['command line', { cmdline: ['nginx: worker', '', '', ''] }, "'nginx: worker'"],
    ['command line', { cmdline: ['a', ''] }, "a ''"],
    ['command line', { cmdline: ['', '', ''] }, "'' '' ''"],
    ['its length', { cmdlineBytes: 70_000 }, '70000 bytes, the first 65536 were read'],
    ['its length', { cmdlineBytes: null }, 'more than 65536 bytes, the first 65536 were read'],
    ['its length', {}, '-'],
    ['user now', {}, 'root (0)'],
    ['user now', { uids: ids(5, 0) }, 'root (0)'],
    ['real user now', { uids: ids(5, 0) }, '5'],
    ['group now', { gids: ids(5, 6) }, '6'],
    ['real group now', { gids: ids(5, 6) }, '5'],
    ['groups now', {}, '-'],
    ['groups now', { groups: [0, 5] }, 'root (0) 5'],
    ['login user', {}, '-'],
    ['login user', { loginUid: 0 }, 'root (0)'],
    ['cgroup', { cgroup: null }, '-'],
    ['slice', { slice: 'system.slice' }, 'system.slice'],
    ['unit', { unit: 'x.service' }, 'x.service'],
    ['user unit', { userUnit: 'x.service' }, 'x.service'],
    ['container', { container: { runtime: 'docker', id: 'f75aff467357c5d0' } }, 'docker f75aff467357'],
    ['session', { session: 'c1' }, 'c1'],
    ['invocation', { invocationId: 'ab'.repeat(16) }, 'abababababababababababababababab'],
    ['container', { container: { runtime: 'docker', id: 'f75aff467357c5', name: 'web' } }, 'docker web (f75aff467357)'],
    ['image', { container: { runtime: 'docker', id: 'f75aff467357c5', image: 'nginx:1' } }, 'nginx:1'],
    ['invocation', { invocationId: null }, '-'],
    ['pod', { container: { runtime: 'cri-o', id: 'f75aff467357c5d0', pod: '12-34' } }, '12-34'],
    ['container', { container: { runtime: 'flatpak', id: 'org.gnome.Maps' } }, 'flatpak org.gnome.Maps'],
    ['namespaces', {}, 'ours'],
    ['namespaces', { namespaces: { pid: 2 } }, 'other pid:2'],
    ['capabilities', {}, '-'],
    ['capabilities', { capabilities: ['cap_kill', 'cap_63'] }, 'kill 63'],
    ['capabilities', { capabilities: knownCapabilities.slice(0, 33) }, listOf(knownCapabilities.slice(0, 33))],
    ['capabilities', { capabilities: knownCapabilities.slice(2) }, 'all but chown dac_override'],
    ['capabilities', { capabilities: knownCapabilities }, 'all'],
    ['restrictions', {}, '-'],
    ['restrictions', { noNewPrivs: true, seccomp: 'filter' }, 'no new privileges, seccomp filter'],
    ['restrictions', { noNewPrivs: true }, 'no new privileges'],
    ['traced by', { tracerPid: 9 }, '9'],
  ] as const) {
    it(`${label}: ${text}`, () => {
      const changes: object = of;
      assert.equal(shown(label, { ...processDocument(), ...changes }), text);
    });
  }

  it('show nothing of what is absent', () => {
    const bare: ProcessDocument = { state: 'running', exitStatus: null };
    for (const { label, show } of processRows) {
      if (label === 'pid' || label === 'state') continue;
      assert.equal(show(bare, context()), undefined, label);
    }
  });

  it('tell restrictions of which only one is known', () => {
    assert.equal(shown('restrictions', { state: 'running', exitStatus: null, noNewPrivs: true }), 'no new privileges');
  });

  it('have a label each of its own', () => {
    assert.equal(new Set(processRows.map(({ label }) => label)).size, processRows.length);
  });
});

describe('the rows of a credential', () => {
  it('say the effective ids with their names', () => {
    const credential = { pid: 42, uid: 0, user: 'root', gid: 5, groups: [0, 5], securityLabel: 'unconfined' };
    assert.deepEqual(
      credentialRows.map(({ show }) => show(credential, context())),
      ['root (0)', '5', 'root (0) 5', 'unconfined'],
    );
  });
});

describe('words', () => {
  it('for an id and an end', () => {
    assert.equal(idText(5, 'ann'), 'ann (5)');
    assert.equal(exitText({ signal: 'SIGKILL', coreDumped: false }), 'by SIGKILL');
  });
});
