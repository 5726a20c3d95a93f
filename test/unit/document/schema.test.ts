import assert from 'node:assert/strict';

import type { DoctorDocument } from '../../../src/document/doctor-document.js';
import type { ErrorDocument } from '../../../src/document/error-document.js';
import type { ForgeDocument } from '../../../src/document/forge-document.js';
import type { ListenEvent } from '../../../src/document/listen-event.js';
import type { RaceDocument } from '../../../src/document/race-document.js';
import type { ScanDocument } from '../../../src/document/scan-document.js';
import type { SendDocument } from '../../../src/document/send-document.js';
import type { TraceConnectEvent } from '../../../src/document/trace-event.js';
import type { WatchEvent } from '../../../src/document/watch-event.js';
import { busDocument, busNameEvent } from '../../helpers/bus-document.js';
import { allSeen, context, processDocument } from '../../helpers/document.js';
import { readRepositoryFile } from '../../helpers/pages.js';
import {
  assertOutput,
  readSchema,
  type SchemaName,
  schemaNames,
  strictAjv,
  violationsOf,
} from '../../helpers/running/json-schema.js';

const { document: inspected } = context();

const scanned: ScanDocument = {
  sockets: [
    {
      inode: 9,
      type: 'stream',
      state: 'connected',
      holders: [{ pid: 42, pidfdId: 7, comm: 'peer', fds: [3] }],
      verdict: 'pinned',
      basis: 'pidfd',
      byPid: { pid: 42, state: 'exited', exitStatus: { signal: 'SIGKILL', coreDumped: false } },
      seenBy: { holder: 42, pid: 0, verdict: 'foreign' },
      deceives: true,
      findings: [{ id: 'traced', severity: 'warning', text: 'It is.' }],
      unavailable: [{ fact: 'byPid.exe', reason: 'no permission', code: 'EACCES' }],
    },
  ],
  processes: [{ ...processDocument(), unavailable: [] }],
  networkNamespaces: [{ inode: 4026531840, own: true, listed: true }],
  summary: {
    sockets: 1,
    connections: 1,
    listening: 0,
    receivers: 0,
    verdicts: { foreign: 1 },
    deceived: { foreign: 1 },
    findings: { traced: 1 },
  },
  notSeen: allSeen,
  source: { by: 'proc', notBpf: 'dlopen: no such file or directory (ENOENT)' },
};

const time = '2026-01-02T03:04:05.678Z';
const exit: ListenEvent = { event: 'exit', time, connection: 1, connections: [1], byPidfd: processDocument() };
const sent: SendDocument = { bytes: 3, type: 'dgram', stated: { pid: 1, uid: 0, gid: 0 } };
const raced: RaceDocument = {
  rounds: 2,
  takenBy: 'set_tid',
  missed: 0,
  userNamespace: true,
  exchange: { pid: 42, client: { pidfdId: 6 }, impostor: { pidfdId: 7, startTicks: 8 }, inspection: inspected },
  methods: [{ id: 'start-time', recognised: 2, inTime: { fooled: 1, tried: 2 }, tooLate: { fooled: 2, tried: 2 } }],
  verdicts: { recycled: 2 },
  shown: true,
};
const traced: TraceConnectEvent = {
  event: 'connect',
  time,
  connection: 1,
  result: 'connected',
  nanoseconds: 12_000,
  type: 'stream',
  inode: 7,
  networkNamespace: 4_026_531_840,
  address: '/run/app.sock',
  addressFrom: 'kernel',
  client: {
    pid: 42,
    pidfdId: 6,
    thread: 42,
    user: { id: 0, name: 'root' },
    group: { id: 0 },
    realUser: { id: 0 },
    comm: 'psql',
    exe: '/usr/bin/psql',
    cgroup: '/system.slice/app.service',
    slice: 'system.slice',
    unit: 'app.service',
    userUnit: null,
    session: null,
    container: null,
  },
  server: { pid: 41, pidfdId: 5, user: { id: 0 }, group: { id: 0 }, comm: 'postgres', alive: true },
  now: { verdict: 'pinned', sentence: 'It is.', state: 'running' },
};
const failed: ErrorDocument = { error: { code: 'ENOENT', message: 'no such socket', hint: 'Look elsewhere.' } };

const watched = { socket: scanned.sockets[0]!, processes: scanned.processes };
const moved: WatchEvent = { event: 'changed', time, fields: ['verdict', 'byPid.exe'], ...watched, before: watched };

const forged: ForgeDocument = {
  client: { pid: 42, pidfdId: 7 },
  trusted: { pid: 41, pidfdId: 6 },
  program: { id: 1, name: 'peerpid_forge', instructions: 14, cgroup: '/sys/fs/cgroup/peerpid-x' },
  before: { inspection: inspected, trustsPid: false, trustsPidfd: false },
  after: { inspection: inspected, trustsPid: true },
};

const diagnosed: DoctorDocument = {
  peerpid: '0.1.0',
  node: '20.19.0',
  kernel: { release: '6.1.0-9-amd64', architecture: 'x64' },
  user: { uid: 0, capabilities: ['cap_bpf'], seccomp: false },
  verdicts: { possible: false, detail: 'None.' },
  rows: [
    {
      id: 'so-peerpidfd',
      group: 'pidfds',
      name: 'SO_PEERPIDFD',
      ability: 'does-not',
      tried: 'getsockopt',
      detail: 'Refused.',
      error: { syscall: 'getsockopt(SO_PEERPIDFD)', code: 'ENOPROTOOPT' },
      since: '6.5',
      without: 'Everything.',
      fix: 'Linux 6.5 or newer.',
    },
  ],
  services: [
    {
      id: 'polkit',
      program: '/usr/bin/pkcheck',
      version: '121',
      since: '124',
      running: true,
      usesPidfds: 'no',
      detail: 'It does not.',
    },
  ],
};

const samples = {
  bus: busDocument,
  'bus-watch': busNameEvent,
  inspect: inspected,
  listen: exit,
  scan: scanned,
  watch: moved,
  send: sent,
  doctor: diagnosed,
  race: raced,
  trace: traced,
  forge: forged,
  error: failed,
};

/** A copy in which the value at a path, such as `sockets.0.verdict`, is another; undefined leaves it out. */
function changed(document: object, path: string, value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let parent = copy;
  for (const key of keys) parent = parent[key] as Record<string, unknown>;
  parent[last] = value;
  return JSON.parse(JSON.stringify(copy));
}

/** Every schema within a schema. */
function* within(schema: Record<string, unknown>): Generator<Record<string, unknown>> {
  yield schema;
  const { properties = {}, definitions = {}, items, anyOf = [], oneOf = [] } = schema;
  const inner = [properties, definitions, anyOf, oneOf].flatMap((part) => Object.values(part as object) as unknown[]);
  for (const one of items === undefined ? inner : [...inner, items]) yield* within(one as typeof schema);
}

describe('the JSON Schemas of the package', () => {
  for (const name of schemaNames) {
    describe(`${name}.json`, () => {
      const schema = readSchema(name) as Record<string, unknown>;

      it('is of draft-07, and says what it is', () => {
        assert.equal(schema['$schema'], 'http://json-schema.org/draft-07/schema#');
        assert.equal(strictAjv().validateSchema(schema), true);
        assert.match(String(schema['$id']), new RegExp(`^urn:peerpid:\\d+\\.\\d+\\.\\d+:schema:${name}$`));
        for (const key of ['title', 'description']) assert.match(String(schema[key]), /\bpeerpid\b|--json/);
        assert.doesNotMatch(JSON.stringify(schema), /\{@/);
      });

      it('leaves nothing open', () => {
        for (const part of within(schema)) {
          const words = JSON.stringify(part);
          assert.ok(
            ['type', '$ref', 'anyOf', 'oneOf'].some((key) => key in part),
            words,
          );
          if (part['type'] === 'object') assert.equal(part['additionalProperties'], false, words);
        }
      });

      it('takes a document, and no other command’s', () => {
        for (const other of schemaNames) {
          assert.equal(violationsOf(name, samples[other]) === undefined, other === name, other);
        }
      });
    });
  }

  const wrong: readonly [SchemaName, path: string, value: unknown][] = [
    ['inspect', 'verdict', 'trusted'],
    ['inspect', 'verdict', undefined],
    ['inspect', 'byPid', undefined],
    ['inspect', 'more', 1],
    ['inspect', 'byPidfd.more', 1],
    ['inspect', 'credential.uid', -1],
    ['inspect', 'credential.pid', 1.5],
    ['inspect', 'byPid.pid', '42'],
    ['inspect', 'byPid.startTime', 'yesterday'],
    ['inspect', 'byPid.bootId', '0d7c2a54-9a33-4a4b-8e53-2a8c6e1f6c11'],
    ['inspect', 'byPid.exitStatus', { code: 0, signal: 'SIGKILL' }],
    ['inspect', 'socket.mode', '770'],
    ['inspect', 'findings', [{ id: 'odd', severity: 'info', text: '' }]],
    ['listen', 'event', 'entry'],
    ['listen', 'event', 'disconnect'],
    ['listen', 'time', '12:00'],
    ['listen', 'connections', [null]],
    ['scan', 'sockets.0.verdict', 'trusted'],
    ['scan', 'sockets.0.seenBy.verdict', undefined],
    ['scan', 'sockets.0.more', 1],
    ['scan', 'sockets.0.byPid.exe', '/usr/bin/peer'],
    ['scan', 'processes.0.unavailable', undefined],
    ['scan', 'summary.verdicts.trusted', 1],
    ['scan', 'summary.findings.odd', 1],
    ['scan', 'notSeen', undefined],
    ['watch', 'fields', ['queue']],
    ['watch', 'before', undefined],
    ['watch', 'event', 'went'],
    ['watch', 'socket.more', 1],
    ['trace', 'result', undefined],
    ['trace', 'client.pid', -1],
    ['trace', 'now.verdict', 'trusted'],
    ['bus', 'bus.givesPidfds', undefined],
    ['bus', 'bus.relay', false],
    ['bus', 'connections.0.credentials.pidfd', undefined],
    ['bus', 'connections.0.kernel.0.verdict', 'trusted'],
    ['bus', 'connections.0.more', 1],
    ['bus', 'connections.0.polkit.deceived', 'never'],
    ['bus', 'notSeen', undefined],
    ['bus-watch', 'name', undefined],
    ['bus-watch', 'event', 'renamed'],
    ['send', 'stated', undefined],
    ['send', 'type', 'raw'],
    ['doctor', 'rows.0.ability', 'maybe'],
    ['doctor', 'rows.0.tried', undefined],
    ['doctor', 'services.0.usesPidfds', true],
    ['doctor', 'verdicts.detail', undefined],
    ['doctor', 'kernel.host', 'a name'],
    ['race', 'takenBy', 'luck'],
    ['race', 'methods.0.inTime.tried', undefined],
    ['race', 'exchange.inspection', undefined],
    ['race', 'verdicts.trusted', 1],
    ['forge', 'program.id', '1'],
    ['forge', 'after.inspection.verdict', 'forged'],
    ['forge', 'after.trustsPid', undefined],
    ['error', 'error.code', 'no such file'],
    ['error', 'error.hint', undefined],
    ['error', 'error.stack', ''],
  ];
  for (const [name, path, value] of wrong) {
    it(`refuse of ${name} ${path}: ${value === undefined ? 'left out' : JSON.stringify(value)}`, () => {
      assert.ok(violationsOf(name, changed(samples[name], path, value)));
    });
  }

  it('are there for each command', () => {
    const manifest = readRepositoryFile('oclif.manifest.json');
    const { commands } = JSON.parse(manifest) as { commands: object };
    // `scan --watch` and `bus --watch` have lines of their own, and `race --forge` a document
    assert.deepEqual(
      [...Object.keys(commands), 'watch', 'bus-watch', 'forge', 'error'].sort(),
      [...schemaNames].sort(),
    );
  });
});

describe('what a test does with the output of peerpid', () => {
  const line = (document: object): string => `${JSON.stringify(document)}\n`;

  it('takes documents, events and errors of the command that was run', () => {
    assertOutput(['inspect', '--json', '/x'], line(inspected), true);
    assertOutput(['inspect', '/x', '--json'], line(failed), true);
    assertOutput(['listen', '--json'], line(exit) + line(exit) + line(failed), true);
    assertOutput(['listen', '--json'], `${line(exit)}{"event`, false);
    assertOutput(['scan', '--watch', '2', '--json'], line(moved) + line(moved) + line(failed), true);
    assertOutput(['--json', 'what'], line(failed), true);
    assertOutput(['inspect', '/x'], 'PINNED', true);
    assertOutput(['inspect', '--', '--json'], 'PINNED', true);
  });

  it('refuses what is not one', () => {
    for (const [args, stdout] of [
      [['inspect', '--json'], line(exit)],
      [['inspect', '--json'], line(inspected) + line(inspected)],
      [['inspect', '--json'], JSON.stringify(inspected)],
      [['inspect', '--json'], 'PINNED\n'],
      [['listen', '--json'], line(exit) + line({ ...exit, more: 1 })],
      [['scan', '--json', '--watch'], line(scanned)],
      [['what', '--json'], line(inspected)],
    ] as const) {
      assert.throws(() => {
        assertOutput(args, stdout, true);
      }, stdout);
    }
  });
});
