import assert from 'node:assert/strict';

import stringWidth from 'string-width';

import type { ProcessDocument } from '../../../../src/document/process-document.js';
import { inspectionTable, reasonsNotKnown } from '../../../../src/output/inspect/inspection-table.js';
import { assertLinear } from '../../../helpers/cost.js';
import { context, plain, processDocument } from '../../../helpers/document.js';

const long = { cmdline: ['x'.repeat(300)], exe: `/usr/${'long/'.repeat(60)}`, cgroup: `/${'c'.repeat(200)}` };
const wide = {
  comm: '日本語'.repeat(40),
  cwd: '/🦀👨‍👩‍👧'.repeat(40),
  exe: '/한국어'.repeat(60),
  cmdline: ['ｆｕｌｌ'.repeat(60), 'e\u0301'.repeat(99)],
};

const tables = {
  'one process': context(),
  'long values': context({ byPid: processDocument(long), byPidfd: processDocument(long) }),
  'long values that differ': context({ byPid: processDocument(long), byPidfd: processDocument(wide) }),
  'wide values': context({ byPid: processDocument(wide), byPidfd: processDocument(wide) }),
  'the longest label': context({
    recordedBy: 'connect(2) or listen(2)',
    byPidfd: processDocument({ ...long, pid: 43 }),
  }),
  nobody: context({ byPid: null, byPidfd: null }),
};

describe('inspectionTable', () => {
  for (const [what, of] of Object.entries(tables)) {
    it(`is never wider than the terminal: ${what}`, () => {
      for (let width = 40; width <= 200; width++) {
        for (const line of inspectionTable(of, plain(width)).split('\n')) {
          assert.ok(stringWidth(line) <= width, `${stringWidth(line)} > ${width}: ${line}`);
        }
      }
    });
  }

  it('cuts each cell to 200 columns without a terminal, and no shorter one', () => {
    const exe = `/${'l'.repeat(199)}`;
    const of = processDocument({ cmdline: ['x'.repeat(201)], exe });
    const text = inspectionTable(context({ byPid: of, byPidfd: of }), plain());
    assert.match(text, /^command line {2,}x{199}…$/m);
    assert.match(text, new RegExp(`^executable {2,}${exe}$`, 'm'));
    const inBoth = inspectionTable({ ...context({ byPid: of, byPidfd: of }), both: true }, plain());
    assert.match(inBoth, /^command line +x{199}… +=  x{199}…$/m);
  });

  it('is no longer for more of what is not shown', () => {
    const text = (size: number): string => {
      const of = processDocument({
        cmdline: Array<string>(size).fill('é'.repeat(99)),
        cwd: `/${'\u0301'.repeat(size)}`,
      });
      return inspectionTable(context({ byPid: of, byPidfd: of }), plain());
    };
    assert.equal(text(2000).length, text(8000).length);
  });

  for (const [what, argument] of Object.entries({
    ASCII: 'x'.repeat(99),
    blanks: ' '.repeat(99),
    'wide characters': '日'.repeat(99),
    'combining marks': '\u0301'.repeat(99),
  })) {
    for (const width of [undefined, 100, 50]) {
      it(`takes time by the bytes of a command line: ${what}, at width ${width ?? 'none'}`, () => {
        assertLinear(400, (size) => {
          const of = context({ byPid: processDocument({ cmdline: Array<string>(size).fill(argument) }) });
          return () => inspectionTable(of, plain(width));
        });
      });
    }
  }

  it('names 32 of 65,536 groups, and asks for the names of no others', () => {
    const groups = Array.from({ length: 65_536 }, (_, index) => 1_000_000 + index);
    const one = processDocument({ groups });
    const { document, ...rest } = context({ byPid: one, byPidfd: one });
    const asked = new Set<number>();
    const group = (gid: number): string | undefined => {
      asked.add(gid);
      return undefined;
    };
    const of = { ...rest, document, names: { ...rest.names, group } };
    const text = inspectionTable(of, plain(600));
    assert.match(text, /^groups now {2,}(1[0-9]{6} ){32}\+ 65504 more/m);
    assert.deepEqual(
      [...asked].filter((gid) => gid > 0),
      groups.slice(0, 32),
    );
    const other = processDocument({ groups: [...groups.slice(0, -1), 5] });
    const differing = inspectionTable({ ...of, document: { ...document, byPidfd: other } }, plain());
    assert.deepEqual(marked(differing), ['groups now']);
  });

  function marked(text: string): string[] {
    return text
      .split('\n')
      .filter((line) => !line.trim().startsWith('by PID'))
      .flatMap((line) => (line.includes('≠') ? (/^[a-z ]+?(?= {2}|:)/.exec(line)?.[0] ?? line) : []));
  }

  for (const width of [undefined, 100, 50]) {
    it(`marks the rows in which the columns disagree, and no others, at width ${width ?? 'none'}`, () => {
      assert.deepEqual(marked(inspectionTable(context(), plain(width))), []);
      const other = processDocument({ pid: 42, pidfdId: 8, comm: 'thief', exe: '/tmp/thief' });
      const text = inspectionTable(context({ byPid: other }), plain(width));
      assert.deepEqual(marked(text), ['pidfd id', 'command', 'executable']);
    });
  }

  it('marks values that differ only beyond where they are cut', () => {
    const end = (letter: string): ReturnType<typeof processDocument> =>
      processDocument({ cwd: `/${'d'.repeat(200)}${letter}` });
    assert.deepEqual(marked(inspectionTable(context({ byPid: end('a'), byPidfd: end('b') }), plain(80))), [
      'directory',
    ]);
  });

  it('does not call a missing process a disagreement', () => {
    const unavailable = [{ fact: 'byPidfd', reason: 'no', code: 'ENOPROTOOPT' }];
    const text = inspectionTable(context({ byPidfd: null, unavailable }), plain());
    assert.deepEqual(marked(text), []);
    assert.match(text, /^pid +42 +no pidfd \(ENOPROTOOPT\)$/m);
    assert.match(inspectionTable(context({ byPid: null }), plain()), /^pid +42: nobody has it now +42$/m);
  });

  it('says what is not permitted and what is not known', () => {
    const { exe: _exe, comm: _comm, ...rest } = processDocument();
    const unavailable = [{ fact: 'byPid.exe', reason: 'readlink: EACCES', code: 'EACCES' }];
    const text = inspectionTable(context({ byPid: rest, unavailable }), plain());
    assert.match(text, /^executable +not permitted \(EACCES\) +\/usr\/bin\/peer$/m);
    assert.match(text, /^command +not known +peer$/m);
    assert.deepEqual(marked(text), []);
    assert.match(
      inspectionTable(context({ byPid: rest, unavailable }), plain(50)),
      /^command +not known by pidfd peer$/m,
    );
  });

  it('tells what the credential says right after who it is of', () => {
    const labels = inspectionTable(context(), plain())
      .split('\n')
      .map((line) => line.split(/ {2,}/)[0]);
    const first = ['pid', 'pidfd id', 'state', 'started', 'command', 'user at listen', 'group at listen'];
    assert.deepEqual(labels.slice(1, 8), first);
  });

  it('leaves out the rows in which neither side has a value, and tells the reason once', () => {
    const facts = ['comm', 'exe', 'uids', 'groups', 'tracerPid', 'capabilities'];
    const unavailable = facts.map((fact) => ({ fact: `byPidfd.${fact}`, reason: 'it had ended' }));
    const ended: ProcessDocument = { state: 'exited', exitStatus: { code: 0 }, pidfdId: 7, cgroup: '/a' };
    const exited = context({ byPid: null, byPidfd: ended, unavailable });
    const text = inspectionTable(exited, plain());
    const labels = text.split('\n').map((line) => line.split(/ {2,}/)[0]);
    const credential = ['user at listen', 'group at listen'];
    assert.deepEqual(labels.slice(1), ['pid', 'pidfd id', 'state', ...credential, 'cgroup']);
    assert.deepEqual(reasonsNotKnown(exited), ['by pidfd: it had ended']);
    const recycled = inspectionTable(context({ byPidfd: ended, unavailable }), plain());
    assert.match(recycled, /^command +peer +not known$/m);
    assert.doesNotMatch(recycled, /^[a-z ]+ {2}- /m);
  });

  it('leaves out what repeats the credential, unless all is wanted', () => {
    const labels = (of: Parameters<typeof inspectionTable>[0]): string[] =>
      inspectionTable(of, plain())
        .split('\n')
        .map((line) => line.split(/ {2,}/)[0] ?? '');
    const repeated = ['user now', 'group now', 'cgroup'];
    assert.deepEqual(
      repeated.filter((label) => labels(context()).includes(label)),
      [],
    );
    assert.deepEqual(
      repeated.filter((label) => labels({ ...context(), both: true }).includes(label)),
      repeated,
    );
    const changed = processDocument({ uids: { real: 5, effective: 5, saved: 5, fs: 5 }, cgroup: '/a.slice' });
    const now = labels(context({ byPid: changed, byPidfd: changed }));
    assert.deepEqual(
      repeated.filter((label) => now.includes(label)),
      ['user now', 'cgroup'],
    );
  });

  it('leaves out slice and session, of which the unit says enough, unless all is wanted or they differ', () => {
    const of = processDocument({ slice: 'user-5.slice', unit: 'session-2.scope', session: '2' });
    const same = context({ byPid: of, byPidfd: of });
    assert.doesNotMatch(inspectionTable(same, plain()), /^(slice|session)/m);
    const long = inspectionTable({ ...same, both: true }, plain());
    assert.match(long, /^slice +user-5\.slice += +user-5\.slice$/m);
    assert.match(long, /^session +2 += +2$/m);
    const other = processDocument({ pidfdId: 8, slice: 'system.slice', unit: 'a.service' });
    const differing = inspectionTable(context({ byPid: of, byPidfd: other }), plain());
    assert.match(differing, /^slice +user-5\.slice +≠ +system\.slice$/m);
    const { slice: _slice, ...rest } = other;
    assert.doesNotMatch(inspectionTable(context({ byPid: of, byPidfd: rest }), plain()), /^slice/m);
  });

  it('leaves out what is of little help where one side alone has it, unless all is wanted', () => {
    const { cwd: _cwd, ...rest } = processDocument({ pidfdId: 8 });
    const of = context({ byPidfd: rest });
    assert.doesNotMatch(inspectionTable(of, plain()), /^directory/m);
    assert.match(inspectionTable({ ...of, both: true }, plain()), /^directory +\/ +not known$/m);
  });

  it('names the facts of which few are not known', () => {
    const { cgroup: _cgroup, ...rest } = processDocument();
    const unavailable = [{ fact: 'byPid.cgroup', reason: 'gone', code: 'ENOENT' }];
    assert.deepEqual(reasonsNotKnown(context({ byPid: rest, unavailable })), ['cgroup by PID: gone']);
  });

  it('names a fact of which there are several rows as the first of them', () => {
    const { container: _container, cmdline: _cmdline, ...rest } = processDocument();
    const unavailable = ['container', 'cmdline'].map((fact) => ({ fact: `byPid.${fact}`, reason: 'gone' }));
    const reasons = reasonsNotKnown(context({ byPid: rest, unavailable }));
    assert.deepEqual(reasons, ['command line, container by PID: gone']);
  });

  it('has a row for the real id on both sides where it differs on one', () => {
    const uids = { real: 5, effective: 0, saved: 0, fs: 0 };
    const text = inspectionTable(context({ byPid: processDocument({ uids }) }), plain(80));
    assert.match(text, /^user now +root \(0\)$/m);
    assert.match(text, /^real user now +5 +≠ +root \(0\)$/m);
    assert.doesNotMatch(text, /real group/);
  });

  it('never cuts a heading: where there is no room for two, the rows are listed', () => {
    for (let width = 40; width <= 100; width++) {
      const [heading = ''] = inspectionTable(context(), plain(width)).split('\n');
      assert.match(heading, /by PID \(SO_PEERCRED\) +by pidfd \(SO_PEERPIDFD\)$|by PID +by pidfd$|^pid +42$/);
    }
    const listed = inspectionTable(context({ byPid: processDocument({ comm: 'x'.repeat(20) }) }), plain(40));
    assert.match(listed, /^ +by PID ≠ by pidfd$/m);
    assert.match(listed, /^command +x{20}\n +≠ peer$/m);
  });

  it('gives a column the room that the other does not need', () => {
    const exe = `/usr/${'x'.repeat(30)}`;
    const text = inspectionTable(context({ byPidfd: processDocument({ exe }) }), plain(80));
    assert.ok(text.includes(exe), text);
  });

  it('lets no control character of a process through', () => {
    const hostile = processDocument({ comm: 'a\x1b[2Jb\nc\u202e', exe: '/\x07', cmdline: ['\x9b', '\t'], cwd: '/\r' });
    for (const width of [undefined, 120, 50]) {
      const text = inspectionTable(context({ byPid: hostile, byPidfd: hostile }), plain(width));
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
    }
  });
});
