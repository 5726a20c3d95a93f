import assert from 'node:assert/strict';

import { containerOfCgroup } from '../../../src/document/container.js';

const id = 'f75aff467357c5d0ddd47cb7ad87ed38746e018992586ff66198a5c11218f634';
const other = 'c8b38413c88eefe063b8cd3f01c16be5e3bda9693a19a68a88807baca9feb937';

describe('containerOfCgroup', () => {
  const pod = '12345678-1234-1234-1234-123456789012';
  const slice = `kubepods-burstable-pod${pod.replaceAll('-', '_')}.slice`;
  const app = '/user.slice/user-1000.slice/user@1000.service/app.slice';
  const uuid = '54b38acc-3ba2-4c6d-b284-7ac07e1159e5';
  const cases: readonly (readonly [cgroup: string, runtime: string, id: string, pod?: string])[] = [
    [`/system.slice/docker-${id}.scope`, 'docker', id],
    [`/docker/${id}`, 'docker', id],
    [`/docker/${id}/system.slice/nginx.service`, 'docker', id],
    [`/machine.slice/libpod-${id}.scope/container`, 'podman', id],
    [`/libpod_parent/libpod-${id}`, 'podman', id],
    [`/system.slice/web.service/libpod-payload-${id}`, 'podman', id],
    [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope`, 'podman', id],
    [`/kubepods.slice/kubepods-burstable.slice/${slice}/cri-containerd-${id}.scope`, 'containerd', id, pod],
    [`/kubepods.slice/kubepods-burstable.slice/${slice}/crio-${id}.scope`, 'cri-o', id, pod],
    [`/kubepods.slice/kubepods-burstable.slice/${slice}/docker-${id}.scope`, 'docker', id, pod],
    [`/kubepods/besteffort/pod${pod}/${id}`, 'kubernetes', id, pod],
    ['/lxc.payload.web', 'lxc', 'web'],
    ['/lxc.payload.web/system.slice/nginx.service', 'lxc', 'web'],
    ['/machine.slice/systemd-nspawn@web.service/payload', 'systemd-nspawn', 'web'],
    // As in a document, where a backslash is \x5c
    ['/machine.slice/machine-my\\x5cx2dbox.scope/payload', 'machine', 'my-box'],
    ['/machine.slice/machine-\\x5cx5c\\x5cxff\\xff.scope', 'machine', '\\x5c\\xff\\xff'],
    [`/machine.slice/libpod-${id}.scope/docker/${other}`, 'podman', id],
    [`/docker/${id}/docker/${other}`, 'docker', id],
    [`/kubepods/pod1/${id}/docker/${other}`, 'kubernetes', id, '1'],
    [`/docker/${id}/kubepods/pod1/${other}`, 'docker', id],
    // A static pod, and one of the class Guaranteed
    [`/kubepods.slice/kubepods-pod${id.slice(32)}.slice/crio-${id}.scope`, 'cri-o', id, id.slice(32)],
    [`/kubepods/pod${pod}/crio-${id}`, 'cri-o', id, pod],
    [`/kubepods/burstable/pod${pod}/${id}`, 'kubernetes', id, pod],
    [
      `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-${slice}/cri-containerd-${id}.scope`,
      'containerd',
      id,
      pod,
    ],
    [`/kubelet/kubepods/besteffort/pod${pod}/${id}`, 'kubernetes', id, pod],
    [`/system.slice/containerd.service/${slice}:cri-containerd:${id}`, 'containerd', id, pod],
    [`/podman/kubepods/cri-containerd-${id}`, 'containerd', id],
    ['/lxc/100/ns/system.slice/cron.service', 'lxc', '100'],
    ['/lxc.payload/web/init.scope', 'lxc', 'web'],
    [`${app}/app-flatpak-org.mozilla.firefox-4242.scope`, 'flatpak', 'org.mozilla.firefox'],
    [`${app}/app-flatpak-com.example.My\\x5cx2dApp-4242.scope`, 'flatpak', 'com.example.My-App'],
    [`${app}/app-flatpak-org.x.y-4.scope/docker-${id}.scope`, 'flatpak', 'org.x.y'],
    [`${app}/app-flatpak-\\x5cx1b\\x5cx5b2J-1.scope`, 'flatpak', '\x1b[2J'],
    ['/system.slice/snap.cups.cupsd.service', 'snap', 'cups.cupsd'],
    [`${app}/snap.firefox.firefox-${uuid}.scope`, 'snap', 'firefox.firefox'],
    [`${app}/snap.foo.bar-baz-${uuid}.scope`, 'snap', 'foo.bar-baz'],
    [`/user.slice/user-0.slice/snap.foo.hook.bar-${uuid}.scope`, 'snap', 'foo.hook.bar'],
    [`/system.slice/snap.foo\\x5cx2bc.hook.install-${uuid}.scope`, 'snap', 'foo+c.hook.install'],
    [`/user.slice/user-1000.slice/snap.foo.bar.${uuid}.scope`, 'snap', 'foo.bar'],
  ];
  for (const [cgroup, runtime, container, inPod] of cases) {
    it(`${cgroup} is ${runtime}'s`, () => {
      assert.deepEqual(containerOfCgroup(cgroup), {
        runtime,
        id: container,
        ...(inPod !== undefined && { pod: inPod }),
      });
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
    '/lxc.monitor.web',
    '/lxc',
    '/system.slice/x.service/lxc/web',
    '/system.slice/snapd.service',
    '/system.slice/snap-core20-1234.mount',
    '/system.slice/snap.foo.bar.scope',
    `/system.slice/x.service/snap.foo.bar.service`,
    `/made/by/hand/app-flatpak-org.x.y-1.scope`,
    '/system.slice/x.service/app-flatpak-org.x.y-1.scope',
    `${app}/app-gnome-org.x.y-1.scope`,
    `${app}/x.service/app-flatpak-org.x.y-1.scope`,
    `/kubepods.slice/${slice}`,
  ]) {
    it(`${cgroup} is in none`, () => {
      assert.equal(containerOfCgroup(cgroup), undefined);
    });
  }
});
