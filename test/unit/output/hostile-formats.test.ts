import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import { parse } from 'csv-parse/sync';
import markdownIt, { type Token } from 'markdown-it';

import { selectFrom, type Selection } from '../../../src/connections/selection.js';
import type { DoctorDocument } from '../../../src/document/doctor-document.js';
import { doctorMarkdown } from '../../../src/output/doctor/doctor-markdown.js';
import { parseColumns } from '../../../src/output/scan/chosen-columns.js';
import { scanCsv, scanNul } from '../../../src/output/scan/scan-fields.js';
import { scanGraph } from '../../../src/output/scan/scan-graph.js';
import { scanMetrics } from '../../../src/output/scan/scan-metrics.js';
import { safeJson, sanitise } from '../../../src/words/sanitise.js';
import { textOf, unescapedName } from '../../../src/words/text.js';
import { HostileDocuments } from '../../helpers/hostile-documents.js';
import { HostileNames } from '../../helpers/hostile-names.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';

/** What JSON, CSV and the like may have in no line that goes to a terminal. */
const obeyed = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

describe('formats for programs, of what others named', () => {
  const names = new HostileNames();
  const make = new HostileDocuments(names);
  const said = `PEERPID_FUZZ_SEED=${names.seed}`;

  function until(most: number, check: () => void): void {
    for (const last = names.count + most; names.count < last;) check();
  }

  function selection(rows: number): Selection {
    const user = make.text(40);
    return selectFrom(make.scan(rows), { named: [], others: [] }, () => user);
  }

  /** One line of what a terminal does not obey, of which a parser makes the same again. */
  function assertJson(value: unknown): void {
    const text = safeJson(value, 0);
    assert.doesNotMatch(text, obeyed, said);
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)), said);
    assert.deepEqual(JSON.parse(safeJson(value, 2)), JSON.parse(text), said);
  }

  it('JSON gives the bytes back: documents and events', () => {
    until(10_000, () => {
      const bytes = names.bytes(4096, []);
      const { name } = JSON.parse(safeJson({ name: textOf(bytes) }, 0)) as { name: string };
      assert.deepEqual(unescapedName(Buffer.from(name)), bytes, said);
    });
    until(6000, () => {
      assertJson(make.scan(3));
    });
    until(6000, () => {
      assertJson(make.message());
      assertJson(make.bus());
      assertJson({ ...make.inspection(), event: 'connection' });
    });
  });

  it('CSV and NUL give each cell back, of which the bytes can be had', () => {
    const columns = parseColumns('address,service,client,owner,service-unit,service-user');
    for (const noFormulas of [false, true]) {
      until(6000, () => {
        const chosen = selection(5);
        const options = { columns, noFormulas, header: false };
        const fields = scanNul(chosen, { ...options })
          .split('\0')
          .slice(0, -1);
        const csv = scanCsv(chosen, options);
        for (const line of csv.trimEnd().split('\n')) assert.doesNotMatch(line, obeyed, said);
        const cells = parse(csv).flat();
        assert.equal(cells.length, fields.length, said);
        const dangerous = cells.filter((cell) => /^ *[=+\-@\t\r]/.test(cell) && cell !== '-');
        if (noFormulas) assert.deepEqual(dangerous, [], said);
        const undone = noFormulas ? cells.map((cell) => cell.replace(/^'/, '')) : cells;
        assert.deepEqual(undone, fields, said);
        const addresses = new Set(
          chosen.document.sockets.map(({ address = '' }) => unescapedName(Buffer.from(address)).toString('hex')),
        );
        for (let at = 0; at < fields.length; at += 6) {
          assert.ok(addresses.has(unescapedName(Buffer.from(fields[at] ?? '')).toString('hex')), said);
        }
      });
    }
  });

  it('DOT gives each address, name and place back', function () {
    requirePrograms(this, 'gvpr', 'dot');
    until(10_000, () => {
      const { document, connections } = selection(40);
      const run = { host: make.text(40), endedAt: 0 };
      const merged = scanGraph(document, connections, make.userDatabase, {}, run);
      for (const line of merged.split('\n')) assert.doesNotMatch(line, obeyed, said);
      execFileSync('dot', ['-Tcanon'], { input: merged, maxBuffer: 2 ** 28 });
      const graph = scanGraph(document, connections, make.userDatabase, { each: true }, run);
      for (const line of graph.split('\n')) assert.doesNotMatch(line, obeyed, said);
      // Graphviz' own parser; -Tcanon is the same without what a label is
      execFileSync('dot', ['-Tcanon'], { input: graph, maxBuffer: 2 ** 28 });
      const printed = execFileSync(
        'gvpr',
        ['N{print($.name, "\t", $.shape, "\t", $.label)} E{print("\t\t", $.label)}'],
        {
          input: graph,
          stdio: ['pipe', 'pipe', 'ignore'],
          maxBuffer: 2 ** 28,
          encoding: 'utf8',
        },
      );
      const rows = printed
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t'));
      for (const row of rows)
        assert.match(row[0] ?? '', /^(?:(?:process|ended|unseen|shared) [\d/]+|legend.*)?$/, said);
      const shown = new Set(
        rows.flatMap(([, shape, label = '']) =>
          (shape === 'record' ? label.split(unescaped('\\|')) : [label]).flatMap((field) =>
            field
              .replace(/^<f\d+> /, '')
              .split(unescaped('\\\\n'))
              .map(labelText),
          ),
        ),
      );
      for (const { address = '', state, type, holders } of document.sockets) {
        const row = `${sanitise(address)}${type === 'stream' ? '' : ` (${type})`}`;
        const isShown = ['', ' (listens)', ' (recycled)', ' (recycled, listens)'].some((end) => shown.has(row + end));
        if (state === 'listening') assert.ok(isShown, `${said}: ${address}`);
        for (const { comm = '', pid } of holders) assert.ok(shown.has(`${sanitise(comm)} ${pid}`), `${said}: ${comm}`);
      }
    });
  }).timeout(60_000);

  it('Prometheus has none of it, and is what promtool takes', function () {
    requirePrograms(this, 'promtool');
    until(2000, () => {
      const { document, connections } = selection(100);
      const text = scanMetrics(document, connections, { version: '1.2.3', host: 'here', endedAt: 1, duration: 1 });
      execFileSync('promtool', ['check', 'metrics'], { input: text });
      assert.match(text, /^[\x20-\x7e\n]+$/);
    });
  }).timeout(60_000);

  it('Markdown gives each cell back as it was', () => {
    const parser = markdownIt({ html: true });
    until(6000, () => {
      const details = Array.from({ length: 20 }, () => make.text(200));
      const version = make.text(40);
      const document = {
        ...{ peerpid: '1', node: '2', kernel: { release: make.text(40), architecture: 'x64' } },
        user: { uid: 0, capabilities: [] },
        rows: details.map((detail) => ({
          id: 'x',
          group: 'system',
          name: 'name',
          ability: 'works',
          tried: '',
          detail,
        })),
        services: [{ id: 'y', program: '/y', version, since: '1', usesPidfds: 'yes', detail: make.text(200) }],
      } as unknown as DoctorDocument;
      const cells = cellsOf(parser.parse(doctorMarkdown(document), {}));
      const expected = details.flatMap((detail) => ['x name', 'works', '', sanitise(detail)]);
      assert.deepEqual(cells.slice(4, 4 + expected.length).map(tidy), expected.map(tidy), said);
      assert.equal(cells.length, 4 + expected.length + 3 + 3, said);
    });
  }).timeout(60_000);
});

/** What separates parts of a label, where no backslash takes its meaning from it. */
function unescaped(separator: string): RegExp {
  return new RegExp(`(?<=(?:^|[^\\\\])(?:\\\\\\\\)*)${separator}`);
}

/** What a label shows: an escape of its own is a backslash and one character, and `&` begins an entity. */
function labelText(label: string): string {
  return label.replace(/\\([\\{}|<> ])|&amp;/g, (_, character?: string) => character ?? '&');
}

/** Blanks at the ends of a cell are not its own. */
function tidy(cell: string): string {
  return cell.trim().replace(/ +/g, ' ');
}

/** The text of each cell of each table, as a reader sees it. Whatever is not plain text is named, so that it differs. */
function cellsOf(tokens: readonly Token[]): string[] {
  return tokens.flatMap(({ type, children }, at) =>
    type === 'inline' && /^t[hd]_open$/.test(tokens[at - 1]?.type ?? '')
      ? (children ?? [])
          .map((one) =>
            ['text', 'code_inline', 'text_special'].includes(one.type)
              ? one.content
              : one.type.startsWith('strong_') && one.markup === '**'
                ? ''
                : `<${one.type}>`,
          )
          .join('')
      : [],
  );
}
