import type { BusDocument } from '../../src/document/bus-document.js';
import type { BusNameEvent } from '../../src/document/bus-event.js';
import { processDocument } from './document.js';

/** What a bus may be found to be, with every field that there is. */
export const busDocument: BusDocument = {
  bus: {
    address: '/run/dbus/system_bus_socket',
    pid: 40,
    user: { id: 101, name: 'messagebus' },
    holders: [{ pid: 40, pidfdId: 4, comm: 'dbus-daemon', fds: [7] }],
    relay: true,
    givesPidfds: false,
  },
  connections: [
    {
      uniqueName: ':1.4',
      names: ['org.example.App'],
      credentials: {
        pid: 42,
        uid: 0,
        user: 'root',
        groups: [0],
        groupCount: 70_000,
        securityLabel: 'unconfined',
        pidfd: false,
        others: [{ name: 'WindowsSID', value: 'S-1' }],
      },
      byPid: processDocument(),
      byPidfd: null,
      kernel: [
        {
          inode: 9,
          peerInode: 8,
          credential: { pid: 42, uid: 0, gid: 0 },
          verdict: 'pinned',
          byPidfd: { pid: 42, state: 'running', exitStatus: null },
        },
      ],
      kernelCount: 17,
      polkit: {
        version: '122',
        goesBy: 'start-time',
        startTicks: 12,
        deceived: 'possible',
        text: 'It may.',
        session: { id: '2', seat: 'seat0', active: true, remote: false, class: 'user' },
      },
      verdict: 'unpinned',
      basis: 'credential',
      text: 'Unknown.',
      findings: [{ id: 'traced', severity: 'warning', text: 'It is.' }],
      unavailable: [{ fact: 'byPidfd', reason: 'none was given' }],
    },
  ],
  unnamed: [
    {
      process: { pid: 43, state: 'running', exitStatus: null },
      credential: { pid: 43, uid: 0, gid: 0 },
      connections: 1,
    },
  ],
  activatable: ['org.example.Other'],
  notSeen: { names: 0, gone: 1, kernel: ['not permitted'], users: [] },
};

/** A line of what is printed while it is watched. */
export const busNameEvent: BusNameEvent = {
  event: 'name',
  time: '2026-01-02T03:04:05.678Z',
  name: 'org.example.App',
  from: ':1.3',
  to: ':1.4',
  connection: busDocument.connections[0]!,
};
