import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';

import { assertProblem } from '../../helpers/assert-problem.js';
import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { Python } from '../../helpers/peers/python.js';
import { ScanScene } from '../../helpers/peers/scan-scene.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

interface Drawn {
  readonly objects: readonly { readonly name: string; readonly label: string; readonly style: string }[];
  readonly edges: readonly {
    readonly tail: number;
    readonly head: number;
    readonly label?: string;
    readonly headport?: string;
  }[];
}

function dot(format: string, text: string): string {
  const { status, stdout, stderr } = spawnSync('dot', [`-T${format}`], { input: text, encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return stdout;
}

/** The fields of a node: what it is, and the addresses that it serves. */
function fieldsOf(label: string): string[][] {
  const plain = label.replaceAll('\\ ', ' ');
  return plain.split('|').map((field) => field.replace(/^<f\d+> /, '').split('\\n'));
}

/** The texts of an SVG, as they are read. */
function textsOf(svg: string): string[] {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#45': '-', '#160': ' ' };
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = '']) =>
    text.replace(/&([#\w]+);/g, (whole, name: string) => entities[name] ?? whole),
  );
}

const hostile = `
import ctypes, socket, sys
ctypes.CDLL(None).prctl(15, b'"];x&#27;\\\\\\x1b')
names = [b'quote"];evil->edge[label="', b'back\\\\', b'\\\\N', b'&#27;[31m', b'<b>', b'new\\nline', b'\\xff', b'{two  blanks | <f1>}']
keep = []
for name in names:
    s = socket.socket(socket.AF_UNIX); s.bind(b'\\0' + name); s.listen(5)
    c = socket.socket(socket.AF_UNIX); c.connect(b'\\0' + name)
    keep += [s, c, s.accept()[0]]
print('ready', flush=True)
sys.stdin.read()
`;

/** A service with 2,100 connections of 70 programs, and two of a client that ends. */
const crowd = `
import ctypes, os, socket, sys
name = lambda text: ctypes.CDLL(None).prctl(15, text.encode())
listener = socket.socket(socket.AF_UNIX); listener.bind(b'\\0busy'); listener.listen(4096)
idle = socket.socket(socket.AF_UNIX); idle.bind(b'\\0idle'); idle.listen(1)
name('busyd')
told, tell = os.pipe()
wait, end = os.pipe()
def connect(many):
    return [(c := socket.socket(socket.AF_UNIX), c.connect(b'\\0busy')) for _ in range(many)]
for number in range(70):
    if os.fork() == 0:
        os.close(end); listener.close(); idle.close(); name(f'client-{number}')
        kept = connect(30)
        os.write(tell, b'.'); os.read(wait, 1); os._exit(0)
for _ in range(70): os.read(told, 1)
gone = os.fork()
if gone == 0:
    connect(2); os._exit(0)
os.waitpid(gone, 0)
accepted = [listener.accept()[0] for _ in range(2102)]
print('ready', flush=True); sys.stdin.read()
`;

describe('peerpid scan --graph', function () {
  this.timeout(60_000);

  before(function () {
    requirePrograms(this, 'dot');
    requireNetworkNamespaces(this);
  });

  it('is what dot draws: who talks to whom', async () => {
    await using scene = await ScanScene.make();
    const { stdout, stderr, status } = await runPeerpid(['scan', '--graph'], { wrapper: scene.room.enter });
    assert.equal(stderr, '');
    assert.equal(status, 3);
    const { objects, edges } = JSON.parse(dot('json', stdout)) as Drawn;
    const shown = edges.flatMap(({ tail, head, label = '', headport }) => {
      const [from, to] = [tail, head].map((index) => fieldsOf(objects[index]?.label ?? ''));
      const row = to?.[Number(headport?.slice(1))]?.join('') ?? '';
      return objects[tail]?.name.startsWith('legend')
        ? []
        : [[from?.[0]?.[0], to?.[0]?.[0], row, ...label.split('\\n')]];
    });
    const server = `node ${scene.server.ownPid}`;
    const client = `node ${scene.client.ownPid}`;
    assert.deepEqual(
      new Set(shown.map((edge) => edge.filter(Boolean).join(' | '))),
      new Set([
        `was PID ${scene.ended} | ${server} | @app | closed at the other end | exited`,
        `${client} | ${server} | @app`,
        `${client} | ${server} | @app | waits to be accepted`,
        `${client} | ${server} | ${scene.log} (dgram)`,
      ]),
    );
    assert.equal(shown.length, 4);
    const node = objects.find(({ label }) => fieldsOf(label)[0]?.[0] === server);
    const [who, ...rows] = fieldsOf(node?.label ?? '');
    assert.ok(who?.includes('root (0)'));
    assert.deepEqual(rows.flat().sort(), ['@app', `${scene.log} (dgram)`].sort());
    const ended = objects.find(({ label }) => label.startsWith('was PID'));
    assert.match(ended?.label ?? '', /\\nexited with status 7(?:\\n|$)/);
    assert.equal(ended?.style, 'rounded,dashed');
    assert.match(stdout, new RegExp(`label="peerpid scan on ${hostname()}, \\d{4}-`));
    assert.match(stdout, /left out: 1 listener without a client/);
    const texts = textsOf(dot('svg', stdout));
    for (const text of [server, client, '@app', 'exited', 'pinned: the PID can be trusted'])
      assert.ok(texts.includes(text), text);
  });

  it('has names whole and escaped, whatever they are', async function () {
    requirePrograms(this, 'python3');
    await using room = await Room.make();
    await using _python = await Python.start(hostile, room.enter);
    const { stdout } = await runPeerpid(['scan', '--graph'], { wrapper: room.enter });
    const svg = dot('svg', stdout);
    assert.doesNotMatch(svg, /[\0-\x09\x0b-\x1f]/);
    const texts = textsOf(svg);
    const addresses = [
      '@quote"];evil->edge[label="',
      '@back\\x5c',
      '@\\x5cN',
      '@&#27;[31m',
      '@<b>',
      '@new\\x0aline',
      '@\\xff',
      '@{two  blanks | <f1>}',
    ];
    for (const address of addresses) assert.ok(texts.includes(address), `${address} in ${texts.join(' | ')}`);
    assert.ok(texts.some((text) => /^"];x&#27;\\x5c\\x1b(?: \d+| ×2)$/.test(text)));
    const { objects } = JSON.parse(dot('json', stdout)) as Drawn;
    assert.ok(objects.every(({ name }) => /^(?:group \d|legend|cluster_)/.test(name)));
  });

  it('can be read with 2,000 connections: few boxes and arrows, and what is left out', async function () {
    requirePrograms(this, 'python3');
    await using room = await Room.make();
    await using _python = await Python.start(crowd, room.enter);
    const { stdout, status } = await runPeerpid(['scan', '--graph'], { wrapper: room.enter });
    assert.equal(status, 3);
    const { objects, edges } = JSON.parse(dot('json', stdout)) as Drawn;
    const boxes = objects.filter(({ name }) => name.startsWith('group')).map(({ label }) => fieldsOf(label));
    assert.deepEqual(boxes.map(([lines]) => lines?.[0]?.replace(/\d+$/, 'N')).sort(), [
      '70 programs',
      'busyd N',
      'was PID N',
    ]);
    assert.deepEqual(boxes.find(([lines]) => lines?.[0]?.startsWith('busyd'))?.slice(1), [['@busy']]);
    const labels = edges.flatMap(({ tail, label }) => (objects[tail]?.name.startsWith('legend') ? [] : [label]));
    assert.deepEqual(labels.sort(), ['closed at the other end\\nexited ×2', '×2100']);
    assert.match(stdout, /left out: 1 listener without a client \(--each shows all\)/);
    // With --each every one
    const each = (await runPeerpid(['scan', '--graph', '--each'], { wrapper: room.enter })).stdout;
    assert.equal(each.match(/^ {2}"(?!legend).* -> /gm)?.length, 2102);
    assert.equal(each.match(/^ +"process [\d/]+" \[/gm)?.length, 71);
  });

  for (const other of ['--json', '--prometheus', '--long']) {
    it(`is not printed with ${other}`, async () => {
      const expected = { status: 2, message: /^--graph and --\w+ exclude each other$/, hint: /Give one of --graph/ };
      if (other === '--json') {
        const { stdout, status } = await runPeerpid(['scan', '--graph', '--json']);
        const { error } = JSON.parse(stdout) as { error: { message: string; hint: string } };
        assert.equal(status, 2);
        assert.match(error.message, expected.message);
        assert.match(error.hint, expected.hint);
      } else await assertProblem(['scan', '--graph', other], expected);
    });
  }
});
