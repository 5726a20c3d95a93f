import assert from 'node:assert/strict';

import { Chalk } from 'chalk';

import { markConnections } from '../../../src/connections/marked-connections.js';
import { selectFrom, type Selection } from '../../../src/connections/selection.js';
import { busEventText } from '../../../src/output/bus/bus-event-text.js';
import { busText } from '../../../src/output/bus/bus-text.js';
import { evidenceLine } from '../../../src/output/evidence-line.js';
import { inspectText } from '../../../src/output/inspect-text.js';
import { listenText } from '../../../src/output/listen/listen-text.js';
import { problemText } from '../../../src/output/problem-text.js';
import { allScanColumns } from '../../../src/output/scan/more-scan-columns.js';
import { scanEvidence } from '../../../src/output/scan/scan-evidence.js';
import { scanLong } from '../../../src/output/scan/scan-long.js';
import { connectionTable, scanText } from '../../../src/output/scan/scan-text.js';
import { servicesText } from '../../../src/output/scan/services-text.js';
import type { Style } from '../../../src/output/style.js';
import { watchFrame } from '../../../src/output/watch/watch-frame.js';
import { watchLines } from '../../../src/output/watch/watch-lines.js';
import { fromTheTop } from '../../../src/watching/browsing.js';
import { Problem } from '../../../src/words/problem.js';
import { plain } from '../../helpers/document.js';
import { HostileDocuments } from '../../helpers/hostile-documents.js';
import { HostileNames } from '../../helpers/hostile-names.js';

const styles: readonly Style[] = [
  { width: undefined, chalk: new Chalk({ level: 0 }) },
  { width: 80, chalk: new Chalk({ level: 0 }) },
  { width: 61, chalk: new Chalk({ level: 1 }) },
];

const styleOf = (turn: number): Style => styles[turn % styles.length] ?? plain();

/** What is not to be seen as it is, but the newlines that the output makes; a mark needs a letter before it. */
const unseen = /[\p{C}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]|(?! )\p{Z}|(?:^| )\p{M}/u;

/** Colour is what chalk makes: nothing else begins with an escape. */
function assertVisible(text: string, seed: number): void {
  for (const line of text.replace(/\x1b\[\d+m/g, '').split('\n')) {
    const [found] = unseen.exec(line) ?? [];
    assert.equal(found, undefined, `PEERPID_FUZZ_SEED=${seed}: ${JSON.stringify(found)} in ${JSON.stringify(line)}`);
  }
}

describe('text of what others named', () => {
  const names = new HostileNames();
  const make = new HostileDocuments(names);
  const time = '2026-01-01T00:00:00.000Z';

  /** @param most - names, after which it ends */
  function until(most: number, write: (style: Style) => string): void {
    const last = names.count + most;
    for (let turn = 0; names.count < last; turn++) assertVisible(write(styleOf(turn)), names.seed);
  }

  function selection(): Selection {
    const scanned = make.scan(4);
    return selectFrom(scanned, { named: [], others: [] }, () => make.text(40));
  }

  it('shows all of it, and nothing that a terminal obeys: tables', () => {
    until(15_000, (style) => scanText(selection(), style, { columns: () => allScanColumns }));
    until(5000, (style) => scanText(selection(), style));
    until(10_000, (style) => servicesText(selection(), style));
  }).timeout(60_000);

  it('shows all of it, and nothing that a terminal obeys: scan --long, --watch and --explain', () => {
    until(10_000, (style) => scanLong(selection(), style));
    until(5000, (style) => {
      const { connections } = selection();
      const came = connections.flatMap(({ service, client }) => [service, client].filter((end) => end !== undefined));
      const marked = markConnections([], connections, {
        came: came.map((socket) => ({ socket })),
        changed: [],
      } as never);
      return watchLines(time, marked, style).join('\n');
    });
    until(5000, (style) => {
      const shown = selection();
      const lines = shown.connections.map((connection) => ({ connection, mark: '~', changes: [] }) as const);
      const table = connectionTable(shown, style, { each: true }).split('\n');
      const browsing = { ...fromTheTop, filter: make.text(40), isTyping: true };
      const frame = {
        time,
        interval: 1,
        isPaused: false,
        selection: shown,
        all: lines,
        lines,
        table,
        log: [],
        browsing,
      };
      return watchFrame({ ...frame, sortedBy: 'VERDICT', hasKeys: true }, 30, style).text.join('\n');
    });
    until(2000, (style) => {
      const { document } = selection();
      const evidence = [{ call: make.text(), answer: make.text(), concluded: make.text() }];
      return scanEvidence({ ...document, sockets: document.sockets.map((row) => ({ ...row, evidence })) }, style);
    });
  }).timeout(60_000);

  it('shows all of it, and nothing that a terminal obeys: bus', () => {
    until(10_000, (style) => {
      const document = make.bus();
      const context = { names: make.userDatabase, ourNamespaces: undefined };
      const [connection] = document.connections;
      const ends = { name: make.text(), from: make.text(), to: make.text() };
      return [
        busText(document, false, context, style),
        busText(document, true, context, style),
        busEventText({ event: 'name', time, ...ends, connection: make.busConnection() }, style),
        busEventText({ event: 'came', time, uniqueName: make.text(), ...(connection && { connection }) }, style),
        busEventText({ event: 'went', time, uniqueName: make.text() }, style),
      ].join('');
    });
  }).timeout(60_000);

  it('shows all of it, and nothing that a terminal obeys: inspect, listen, steps and errors', async () => {
    const last = names.count + 10_000;
    for (let turn = 0; names.count < last; turn++) {
      const inspected = { document: make.inspection(), names: make.userDatabase, ourNamespaces: undefined };
      assertVisible(await inspectText(inspected, make.scan(1), styleOf(turn)), names.seed);
    }
    until(10_000, (style) => {
      const context = { names: make.userDatabase, ourNamespaces: undefined, compact: names.below(2) === 0 };
      const process = make.process();
      return [
        listenText(make.message(), context, style),
        listenText({ ...make.inspection(), event: 'connection', time, connection: 1 }, context, style),
        listenText(
          { event: 'exit', time, connection: 1, connections: [1], pid: 1, comm: make.text(15), byPidfd: process },
          context,
          style,
        ),
        listenText({ event: 'warning', time, code: 'X', text: make.text() }, context, style),
        listenText({ event: 'listening', time, socket: make.inspection().socket, asks: [] }, context, style),
      ].join('');
    });
    until(3000, (style) =>
      [
        evidenceLine({ call: make.text(), answer: make.text(), concluded: make.text() }, style),
        problemText(new Problem('BUG', make.text(), make.text()), style),
      ].join(''),
    );
  }).timeout(60_000);
});
