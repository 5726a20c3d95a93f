import assert from 'node:assert/strict';

import { containerOfCgroup, unitsOfCgroup } from '../../../src/document/unit.js';

const id = 'f75aff467357c5d0ddd47cb7ad87ed38746e018992586ff66198a5c11218f634';
const other = 'c8b38413c88eefe063b8cd3f01c16be5e3bda9693a19a68a88807baca9feb937';

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
      assert.deepEqual(unitsOfCgroup(cgroup), { unit, userUnit });
    });
  }

  for (const cgroup of [
    `/docker/${id}/system.slice/sshd.service`,
    '/lxc.payload.guest/system.slice/sshd.service',
    `/kubepods/burstable/pod1/${id}/sshd.service`,
    '/made/by/hand/sshd.service',
  ]) {
    it(`does not take a name from inside of ${cgroup.split('/')[1] ?? ''} for a unit of the host`, () => {
      assert.deepEqual(unitsOfCgroup(cgroup), { unit: undefined, userUnit: undefined });
    });
  }

  it('stops at what a user’s own service names', () => {
    assert.deepEqual(unitsOfCgroup('/user.slice/user-1000.slice/user@1000.service/mine/polkit.service'), {
      unit: 'user@1000.service',
      userUnit: undefined,
    });
  });
});

describe('containerOfCgroup', () => {
  const pod = 'kubepods-burstable-pod12345678_1234_1234_1234_123456789012.slice';
  const cases: readonly (readonly [cgroup: string, runtime: string, id: string])[] = [
    [`/system.slice/docker-${id}.scope`, 'docker', id],
    [`/docker/${id}`, 'docker', id],
    [`/docker/${id}/system.slice/nginx.service`, 'docker', id],
    [`/machine.slice/libpod-${id}.scope/container`, 'podman', id],
    [`/libpod_parent/libpod-${id}`, 'podman', id],
    [`/system.slice/web.service/libpod-payload-${id}`, 'podman', id],
    [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope`, 'podman', id],
    [`/kubepods.slice/kubepods-burstable.slice/${pod}/cri-containerd-${id}.scope`, 'containerd', id],
    [`/kubepods.slice/kubepods-burstable.slice/${pod}/crio-${id}.scope`, 'cri-o', id],
    [`/kubepods.slice/kubepods-burstable.slice/${pod}/docker-${id}.scope`, 'docker', id],
    [`/kubepods/besteffort/pod91a8fc3a-0ecf-48b4-81bf-78a7275d348c/${id}`, 'kubernetes', id],
    ['/lxc.payload.web', 'lxc', 'web'],
    ['/lxc.payload.web/system.slice/nginx.service', 'lxc', 'web'],
    ['/machine.slice/systemd-nspawn@web.service/payload', 'systemd-nspawn', 'web'],
    // As in a document, where a backslash is \x5c
    ['/machine.slice/machine-my\\x5cx2dbox.scope/payload', 'machine', 'my-box'],
    ['/machine.slice/machine-\\x5cx5c\\x5cxff\\xff.scope', 'machine', '\\x5c\\xff\\xff'],
    [`/machine.slice/libpod-${id}.scope/docker/${other}`, 'podman', id],
    [`/docker/${id}/docker/${other}`, 'docker', id],
    [`/kubepods/pod1/${id}/docker/${other}`, 'kubernetes', id],
  ];
  for (const [cgroup, runtime, container] of cases) {
    it(`${cgroup} is ${runtime}'s`, () => {
      assert.deepEqual(containerOfCgroup(cgroup), { runtime, id: container });
    });
  }

  for (const cgroup of [
    '/',
    '/system.slice/docker.service',
    `/system.slice/${id}`,
    `/system.slice/docker-${id.slice(1)}.scope`,
    `/machine.slice/libpod-conmon-${id}.scope`,
    `/kubepods.slice/crio-conmon-${id}.scope`,
    '/user.slice/user-1000.slice/session-2.scope',
  ]) {
    it(`${cgroup} is in none`, () => {
      assert.equal(containerOfCgroup(cgroup), undefined);
    });
  }
});
