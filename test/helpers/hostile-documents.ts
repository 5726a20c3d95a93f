/** Documents in which everything that others name is hostile. */
import { summaryOf } from '../../src/connections/summary.js';
import type { BusConnectionDocument, BusDocument } from '../../src/document/bus-document.js';
import { describeCgroup } from '../../src/document/describe-cgroup.js';
import type { InspectDocument } from '../../src/document/inspect-document.js';
import type { MessageEvent } from '../../src/document/listen-event.js';
import type { Names } from '../../src/document/names.js';
import type { ProcessDocument } from '../../src/document/process-document.js';
import type { ScanDocument, ScannedSocketDocument } from '../../src/document/scan-document.js';
import type { HolderDocument, IdDocument } from '../../src/document/socket-document.js';
import type { Take } from '../../src/document/unavailable.js';
import { formatAddress } from '../../src/socket/address.js';
import { valueOf } from '../../src/words/reading.js';
import { textOf } from '../../src/words/text.js';
import { allSeen, context, processDocument } from './document.js';
import type { HostileNames } from './hostile-names.js';

const take: Take = (_fact, read) => valueOf(read);

/** Makes the pieces, each with names of its own. */
export class HostileDocuments {
  #number = 1;

  constructor(readonly names: HostileNames) {}

  text(most?: number): string {
    return textOf(this.names.bytes(most));
  }

  address(): string {
    const kind = this.names.below(3) === 0 ? 'path' : 'abstract';
    const name = this.names.bytes(107);
    return formatAddress(kind === 'path' ? { kind, path: name } : { kind, name }) ?? '';
  }

  id(): IdDocument {
    return { id: this.#number++, name: this.text(40) };
  }

  /** As the databases would have them. */
  get userDatabase(): Names {
    return { user: () => this.text(40), group: () => this.text(40), missing: [] };
  }

  process(pidfdId = this.#number++): ProcessDocument {
    const kinds = [
      '/system.slice/#.service',
      '/machine.slice/machine-#.scope',
      '/lxc.payload.#/x',
      '/user.slice/user-1.slice/user@1.service/app-flatpak-#-1.scope',
      `/kubepods/pod#/${'a'.repeat(64)}`,
      '/#.slice/session-1.scope',
      '/#',
    ];
    const [before = '', after = ''] = (kinds[this.names.below(kinds.length)] ?? '').split('#');
    const cgroup = Buffer.concat([Buffer.from(before), this.names.bytes(200, [0, 0x2f]), Buffer.from(after)]);
    return processDocument({
      pid: pidfdId + 10_000,
      pidfdId,
      comm: this.text(15),
      exe: this.text(),
      cmdline: [this.text(), this.text()],
      cwd: this.text(),
      ...describeCgroup({ value: cgroup }, take),
    });
  }

  holder({ pid = 1, pidfdId, comm }: ProcessDocument): HolderDocument {
    return { pid, ...(pidfdId !== undefined && { pidfdId }), ...(comm !== undefined && { comm }), fds: [3] };
  }

  inspection(): InspectDocument {
    const [byPid, byPidfd] = [this.process(), this.process()];
    return context({
      socket: {
        type: 'stream',
        state: 'listening',
        address: this.address(),
        owner: this.id(),
        group: this.id(),
        mode: '0770',
        guardedBy: [{ path: this.address(), owner: this.id(), group: this.id(), mode: '0750' }],
        boundAddress: this.address(),
        peerAddress: this.address(),
      },
      credential: { pid: 1, uid: 5, user: this.text(40), gid: 6, group: this.text(40), securityLabel: this.text() },
      byPid,
      byPidfd,
      verdict: 'recycled',
      holders: [{ ...this.holder(byPid), givenAs: this.text() }, this.holder(byPidfd)],
      socketUnit: { unit: this.text(), starts: this.text() },
      serviceSees: {
        holder: 7,
        us: { uid: 0, user: this.text(40), gid: 0, group: this.text(40) },
        file: { uid: 5, user: this.text(40), gid: 6, group: this.text(40) },
      },
      findings: [{ id: 'executable-deleted', severity: 'warning', text: `It runs ${this.text()}.` }],
      unavailable: [{ fact: 'byPid.cwd', reason: this.text(), code: 'EACCES' }],
    }).document;
  }

  /** Of a bus that chooses all that it says. */
  bus(): BusDocument {
    return {
      bus: {
        address: this.address(),
        pid: 1,
        user: this.id(),
        holders: [this.holder(this.process())],
        relay: true,
        givesPidfds: false,
      },
      connections: [this.busConnection()],
      unnamed: [
        { process: this.process(), credential: { pid: 3, uid: 5, user: this.text(40), gid: 6 }, connections: 1 },
      ],
      activatable: [this.text()],
      notSeen: { names: 1, gone: 1, kernel: [this.text()], users: [this.text()] },
    };
  }

  busConnection(): BusConnectionDocument {
    const { credential, byPid, byPidfd, findings, unavailable, text } = this.inspection();
    const others = [
      { name: this.text(), value: this.text() },
      { name: this.text(), signature: this.text() },
    ];
    return {
      uniqueName: this.text(),
      names: [this.text(), this.text()],
      credentials: {
        pid: 1,
        uid: 5,
        user: this.text(40),
        groups: [6],
        securityLabel: this.text(),
        pidfd: true,
        others,
      },
      byPid,
      byPidfd,
      kernel: credential === null ? [] : [{ inode: 1, credential, verdict: 'recycled', byPidfd }],
      polkit: {
        version: '122',
        goesBy: 'start-time',
        deceived: 'yes',
        text: `It is ${this.text()}.`,
        session: { id: this.text(), seat: this.text(), class: this.text() },
      },
      verdict: 'recycled',
      basis: 'pidfd',
      text,
      findings,
      unavailable,
    };
  }

  message(): MessageEvent {
    const preview = this.names.bytes(64, []);
    const { byPid, byPidfd, findings, unavailable, text, basis } = this.inspection();
    return {
      event: 'message',
      time: '2026-01-01T00:00:00.000Z',
      bytes: preview.length,
      preview: textOf(preview),
      previewBytes: preview.length,
      from: this.address(),
      credential: { pid: 1, uid: 5, user: this.text(), gid: 6, group: this.text(), securityLabel: this.text() },
      byPid,
      byPidfd,
      passed: [this.text()],
      verdict: 'recycled',
      basis,
      text,
      findings,
      unavailable,
    };
  }

  /** @param count - of listeners, and as many connections */
  scan(count: number): ScanDocument {
    const processes = Array.from({ length: count }, () => ({ ...this.process(), unavailable: [] }));
    const sockets = processes.flatMap((process, index) => this.#rows(2 * index + 1, process));
    return {
      sockets,
      processes,
      networkNamespaces: [
        { inode: 1, own: false, listed: true, name: this.text() },
        { inode: 2, own: false, listed: true, process: { pid: 9, comm: this.text(15) } },
      ],
      summary: summaryOf(sockets),
      notSeen: {
        ...allSeen,
        processes: [{ pid: 7, comm: this.text(15), owner: this.id() }],
        withoutHolder: 1,
      },
      source: { by: 'proc', notBpf: this.text() },
    };
  }

  #rows(inode: number, process: ProcessDocument): ScannedSocketDocument[] {
    const common = { type: 'stream', holders: [this.holder(process)], findings: [], unavailable: [] } as const;
    const { byPid, byPidfd, credential, findings, unavailable } = this.inspection();
    const listener: ScannedSocketDocument = {
      ...common,
      inode,
      networkNamespace: 1 + this.names.below(2),
      state: 'listening',
      address: this.address(),
      owner: this.id(),
      file: { owner: this.id(), group: this.id(), mode: '0777' },
      reachedBy: this.address(),
      verdict: 'recycled',
      credential,
      recordedBy: 'listen(2)',
      byPid,
      byPidfd,
      seenBy: { holder: 1, pid: 1, uid: 5, user: this.text(40), gid: 6, group: this.text(40), verdict: 'recycled' },
      findings,
      unavailable,
    };
    return [listener, { ...common, inode: inode + 1, state: 'connected', address: this.address(), verdict: 'pinned' }];
  }
}
