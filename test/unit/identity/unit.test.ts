import assert from 'node:assert/strict';

import { pathOfUnit, unitsOfCgroup } from '../../../src/identity/unit.js';

const id = 'f75aff467357c5d0ddd47cb7ad87ed38746e018992586ff66198a5c11218f634';

describe('unitsOfCgroup', () => {
  const cases: readonly (readonly [cgroup: string, unit: string | undefined, userUnit?: string])[] = [
    ['/', undefined],
    ['/system.slice', undefined],
    ['/init.scope', 'init.scope'],
    ['/system.slice/dbus.service', 'dbus.service'],
    ['/system.slice/system-getty.slice/getty@tty1.service', 'getty@tty1.service'],
    ['/system.slice/foo.service/libpod-payload-' + id, 'foo.service'],
    ['/system.slice/cups.socket', 'cups.socket'],
    ['/system.slice/boot-efi.mount', 'boot-efi.mount'],
    ['/user.slice/user-1000.slice/session-2.scope', 'session-2.scope'],
    ['/user.slice/user-1000.slice/user@1000.service/init.scope', 'user@1000.service', 'init.scope'],
    [
      '/user.slice/user-1000.slice/user@1000.service/app.slice/pipewire.service',
      'user@1000.service',
      'pipewire.service',
    ],
    [
      '/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-firefox-4242.scope',
      'user@1000.service',
      'app-gnome-firefox-4242.scope',
    ],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice/polkit.service', 'user@1000.service', 'polkit.service'],
    ['/user.slice/user-1000.slice/user@1000.service', 'user@1000.service'],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice', 'user@1000.service'],
    [
      `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope/container`,
      'user@1000.service',
      `libpod-${id}.scope`,
    ],
    [`/system.slice/docker-${id}.scope/system.slice/sshd.service`, `docker-${id}.scope`],
    ['/system.slice/_cpu.service', 'cpu.service'],
    ['/../../system.slice/dbus.service', 'dbus.service'],
    ['/system.slice/gone.service (deleted)', 'gone.service'],
  ];
  for (const [cgroup, unit, userUnit] of cases) {
    it(`${cgroup} is ${unit ?? 'of no unit'}${userUnit === undefined ? '' : `, of the user's ${userUnit}`}`, () => {
      const found = unitsOfCgroup(cgroup);
      assert.deepEqual([found.unit, found.userUnit], [unit, userUnit]);
    });
  }

  for (const cgroup of [
    `/docker/${id}/system.slice/sshd.service`,
    '/lxc.payload.guest/system.slice/sshd.service',
    `/kubepods/burstable/pod1/${id}/sshd.service`,
    '/made/by/hand/sshd.service',
  ]) {
    it(`does not take a name from inside of ${cgroup.split('/')[1] ?? ''} for a unit of the host`, () => {
      assert.deepEqual(unitsOfCgroup(cgroup), {
        slice: undefined,
        unit: undefined,
        userUnit: undefined,
        session: undefined,
      });
    });
  }

  it('stops at what a user’s own service names', () => {
    const { unit, userUnit } = unitsOfCgroup('/user.slice/user-1000.slice/user@1000.service/mine/polkit.service');
    assert.deepEqual([unit, userUnit], ['user@1000.service', undefined]);
  });

  // As systemd has them in its own test of these: src/test/test-cgroup-util.c
  const slices: readonly (readonly [cgroup: string, slice: string | undefined])[] = [
    ['/user.slice', 'user.slice'],
    ['/foobar', undefined],
    ['/user.slice/user-waldo.slice', 'user-waldo.slice'],
    ['/foobar.slice/foobaz', 'foobar.slice'],
    ['/foo.slice/foo-bar.slice/foo-bar-waldo.slice/waldo.service', 'foo-bar-waldo.slice'],
    ['/foo.slice/bar.service/baz.slice/waldo.service', 'foo.slice'],
    ['/init.scope', undefined],
    ['/.slice/x.service', undefined],
    ['/_cpu.slice/x.service', 'cpu.slice'],
    ['/../../system.slice/dbus.service', 'system.slice'],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service', 'user-1000.slice'],
  ];
  for (const [cgroup, slice] of slices) {
    it(`${cgroup} is in ${slice ?? 'no slice'}`, () => {
      assert.equal(unitsOfCgroup(cgroup).slice, slice);
    });
  }

  const sessions: readonly (readonly [cgroup: string, session: string | undefined])[] = [
    ['/user.slice/user-1000.slice/session-2.scope', '2'],
    ['/user.slice/user-42.slice/session-c1.scope/inside', 'c1'],
    ['/user.slice/user-1000.slice/session-.scope', undefined],
    ['/user.slice/user-1000.slice/session-2.service', undefined],
    ['/user.slice/user-1000.slice/session-a-b.scope', undefined],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice/session-3.scope', undefined],
    ['/system.slice/sshd.service/session-4.scope', undefined],
    [`/docker/${id}/user.slice/user-0.slice/session-1.scope`, undefined],
  ];
  for (const [cgroup, session] of sessions) {
    it(`${cgroup} is in ${session === undefined ? 'no session' : `session ${session}`}`, () => {
      assert.equal(unitsOfCgroup(cgroup).session, session);
    });
  }
});

describe('pathOfUnit', () => {
  const cases: readonly (readonly [cgroup: string, path: string | undefined])[] = [
    ['/system.slice/dbus.service', '/system.slice/dbus.service'],
    ['/system.slice/_cpu.service/inside', '/system.slice/_cpu.service'],
    ['/user.slice/user-1.slice/user@1.service/app.slice/x.service', '/user.slice/user-1.slice/user@1.service'],
    ['/../../system.slice/dbus.service', '/../../system.slice/dbus.service'],
    ['/system.slice', undefined],
    ['/', undefined],
    [`/docker/${id}/system.slice/sshd.service`, undefined],
  ];
  for (const [cgroup, path] of cases) {
    it(`${cgroup} has ${path ?? 'none'}`, () => {
      assert.equal(pathOfUnit(cgroup), path);
    });
  }
});
