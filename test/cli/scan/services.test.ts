import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Python } from '../../helpers/peers/python.js';
import { type Outcome, runPeerpid } from '../../helpers/running/run-peerpid.js';
import { runInTerminal } from '../../helpers/running/terminal.js';

/** A desktop in small: services of several users, one of which has been left by clients and one whose path was taken. */
const desktop = `
import ctypes, os, signal, socket, sys
libc = ctypes.CDLL(None)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
started, tell = os.pipe()
kept = []
def process(uid, name, run):
    pid = os.fork()
    if pid == 0:
        try:
            libc.prctl(15, name.encode())
            os.setgroups([]); os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
            # Whoever changes its user may not be looked into by that user
            libc.prctl(4, 1); libc.prctl(1, signal.SIGKILL)
            run()
        finally: os._exit(1)
    os.read(started, 1)
def wait():
    os.write(tell, b'x')
    while True: signal.pause()
def bound(name): return sys.argv[1] + '/' + name if name[0] != '@' else '\\0' + name[1:]
def service(uid, comm, name, accepts, kind=socket.SOCK_STREAM):
    def run():
        os.umask(0)
        one = socket.socket(socket.AF_UNIX, kind)
        one.bind(bound(name))
        kept.append(one)
        if kind == socket.SOCK_STREAM: one.listen(64)
        os.write(tell, b'x')
        for _ in range(accepts): kept.append(one.accept()[0])
        while True: signal.pause()
    process(uid, comm, run)
def client(uid, comm, name, number, kind=socket.SOCK_STREAM, leaves=False):
    def run():
        for _ in range(number):
            one = socket.socket(socket.AF_UNIX, kind)
            one.connect(bound(name))
            kept.append(one)
        if leaves:
            if os.fork() == 0:
                while True: signal.pause()
            os.write(tell, b'x')
            os._exit(7)
        wait()
    process(uid, comm, run)
service(60101, 'dbus-daemon', 'bus', 14)
client(0, 'polkitd', 'bus', 9); client(60102, 'avahi-daemon', 'bus', 3); client(61000, 'firefox', 'bus', 2)
service(61000, 'shopd', 'shop', 3)
client(60033, 'worker', 'shop', 2, leaves=True); client(60033, 'checkout', 'shop', 1)
service(0, 'Xorg', '@/tmp/.X11-unix/X0', 6)
client(61000, 'firefox', '@/tmp/.X11-unix/X0', 6)
service(60103, 'postgres', 's.PGSQL.5432', 0)
client(61000, 'psql', 's.PGSQL.5432', 2)
service(0, 'logd', 'log', 0, socket.SOCK_DGRAM)
client(0, 'cron', 'log', 2, socket.SOCK_DGRAM)
service(0, 'cached', 'cache', 0); os.unlink(bound('cache')); service(0, 'cached', 'cache', 0)
def pairs():
    for _ in range(20): kept.extend(socket.socketpair())
    kept.append(socket.socket(socket.AF_UNIX))
    wait()
process(61000, 'chrome', pairs)
print('ready', flush=True)
sys.stdin.read()
`;

/** The users in there. */
const users = `root:x:0:0::/:/bin/sh
www-data:x:60033:60033::/:/bin/sh
messagebus:x:60101:60101::/:/bin/sh
avahi:x:60102:60102::/:/bin/sh
postgres:x:60103:60103::/:/bin/sh
alice:x:61000:61000::/:/bin/sh
`;

const shapes: Readonly<Record<number, string>> = {
  60: `
ADDRESS           USER    SERVICE       CLIENTS
/srv/shop         alice   shopd 00      3: www-data
  exited        www-data worker 00 ×2  client: PID 00,
                status 7, holder-differs
/srv/cache        root    cached 00     -
  warning       (listens)  path-taken
                Another socket has its path now: clients
                reach process 00 (cached). Nobody can
                connect to it by its path any more, and
                those that are connected stay connected.
/srv/bus          messa…  dbus-daemon…  14: root 9, avahi 3,
                                          alice 2
/srv/cache        root    cached 00     -
…rv/s.PGSQL.5432  postg…  postgres 00   2 (2 waiting): alice
…mp/.X11-unix/X0  root    Xorg 00       6: alice
/srv/log          root    logd 00       2 (datagrams): root
without a name: 20 pairs, 1 not connected

98 sockets: 47 connections, 6 listeners, 1 datagram
  receiver
credentials: exited 2, pinned 92, none 4
deceived by them: the holders of 2 sockets
findings: open-to-all 6, holder-differs 2, path-taken 1`,
  80: `
ADDRESS             USER        SERVICE         CLIENTS
/srv/shop           alice       shopd 00        3: www-data
  exited        www-data worker 00 ×2  client: PID 00, status 7, holder-differs
/srv/cache          root        cached 00       -
  warning       (listens)  path-taken
                Another socket has its path now: clients reach process 00
                (cached). Nobody can connect to it by its path any more, and
                those that are connected stay connected.
/srv/bus            messagebus  dbus-daemon 00  14: root 9, avahi 3, alice 2
/srv/cache          root        cached 00       -
/srv/s.PGSQL.5432   postgres    postgres 00     2 (2 waiting): alice
@/tmp/.X11-unix/X0  root        Xorg 00         6: alice
/srv/log            root        logd 00         2 (datagrams): root
without a name: 20 pairs, 1 not connected

98 sockets: 47 connections, 6 listeners, 1 datagram receiver
credentials: exited 2, pinned 92, none 4
deceived by them: the holders of 2 sockets
findings: open-to-all 6, holder-differs 2, path-taken 1`,
  120: `
ADDRESS             USER        SERVICE         CLIENTS
/srv/shop           alice       shopd 00        3: www-data
  exited        www-data worker 00 ×2  client: PID 00, status 7, holder-differs
/srv/cache          root        cached 00       -
  warning       (listens)  path-taken
                Another socket has its path now: clients reach process 00 (cached). Nobody can connect to it by its path
                any more, and those that are connected stay connected.
/srv/bus            messagebus  dbus-daemon 00  14: root 9, avahi 3, alice 2
/srv/cache          root        cached 00       -
/srv/s.PGSQL.5432   postgres    postgres 00     2 (2 waiting): alice
@/tmp/.X11-unix/X0  root        Xorg 00         6: alice
/srv/log            root        logd 00         2 (datagrams): root
without a name: 20 pairs, 1 not connected

98 sockets: 47 connections, 6 listeners, 1 datagram receiver
credentials: exited 2, pinned 92, none 4
deceived by them: the holders of 2 sockets
findings: open-to-all 6, holder-differs 2, path-taken 1`,
  200: `
ADDRESS             USER        SERVICE         CLIENTS
/srv/shop           alice       shopd 00        3: www-data
  exited        www-data worker 00 ×2  client: PID 00, status 7, holder-differs
/srv/cache          root        cached 00       -
  warning       (listens)  path-taken
                Another socket has its path now: clients reach process 00 (cached). Nobody can connect to it by its path any more, and those that are connected stay connected.
/srv/bus            messagebus  dbus-daemon 00  14: root 9, avahi 3, alice 2
/srv/cache          root        cached 00       -
/srv/s.PGSQL.5432   postgres    postgres 00     2 (2 waiting): alice
@/tmp/.X11-unix/X0  root        Xorg 00         6: alice
/srv/log            root        logd 00         2 (datagrams): root
without a name: 20 pairs, 1 not connected

98 sockets: 47 connections, 6 listeners, 1 datagram receiver
credentials: exited 2, pinned 92, none 4
deceived by them: the holders of 2 sockets
findings: open-to-all 6, holder-differs 2, path-taken 1`,
};

/** PIDs have two digits in a room of their own. */
function withoutNumbers(text: string): string {
  return text.replaceAll(/\b(PID|process|shopd|worker|cached|dbus-daemon|postgres|Xorg|logd) \d\d\b/g, '$1 00');
}

describe('the services of peerpid scan', () => {
  let room: Room;
  let python: Python | undefined;
  const directory = new TemporaryDirectory();

  before(async function () {
    requirePrograms(this, 'unshare', 'nsenter', 'python3', 'tmux', 'mount', 'setpriv');
    requireThat(this, isRoot, 'namespaces and other users take root');
    room = await Room.make();
    const passwd = directory.file('passwd');
    writeFileSync(passwd, users);
    const [enter = '', ...args] = room.enter;
    const shell = `mount --bind ${passwd} /etc/passwd && mount -t tmpfs -o mode=777 none /srv`;
    execFileSync(enter, [...args, 'sh', '-c', shell]);
    python = await Python.start(desktop, room.enter, '/srv');
  });

  after(async () => {
    await python?.[Symbol.asyncDispose]();
    await (room as Room | undefined)?.[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  const run = (args: readonly string[], ...wrapper: string[]): Promise<Outcome> =>
    runPeerpid(['scan', ...args], { wrapper: [...room.enter, ...wrapper] });

  for (const [columns, shape] of Object.entries(shapes)) {
    it(`are a line each in ${columns} columns, and below it what is not well`, async () => {
      const { lines } = await runInTerminal(Number(columns), ['scan'], room.enter);
      assert.equal(withoutNumbers(lines.join('\n')).trim(), shape.trim());
    });
  }

  /** What it prints into a pipe, with PIDs. */
  const printed = async (...args: string[]): Promise<string> => (await run(args)).stdout;

  it('are those that have what was chosen, with its clients alone', async () => {
    const ofAlice = await printed('--user', 'alice', '--type', 'stream', '--connected');
    assert.match(ofAlice, /^\/srv\/bus +messagebus +dbus-daemon \d+ +2: alice$/m);
    assert.match(ofAlice, /^\/srv\/s\.PGSQL\.5432 +postgres +postgres \d+ +2 \(2 waiting\): alice$/m);
    assert.doesNotMatch(ofAlice, /avahi|cached/);
    // Of clients that were not chosen it says nothing, not even that there are none
    const [heading = ''] = (await printed('--listening')).split('\n');
    assert.match(heading, /^ADDRESS +USER +SERVICE$/);
  });

  it('have a line for each connection with --connections, and with what is of such lines', async () => {
    for (const args of [['-a'], ['--connections'], ['--sort', 'address'], ['--each'], ['-x'], ['--columns', '+kind']]) {
      assert.match(await printed(...args), /^VERDICT .*USER .*CLIENT/, args.join(' '));
    }
    const users = await printed('-a', '--no-header', '--columns', 'user', '--summary', 'none', 'bus');
    assert.deepEqual(
      users
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/)[0])
        .sort(),
      ['alice → messagebus', 'avahi → messagebus', 'messagebus', 'root → messagebus'],
    );
  });

  it('are those of who asks, and the rest is a line, for who is not root', async () => {
    const asked = (uid: number): Promise<Outcome> =>
      run([], 'setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--no-new-privs');
    const { stdout: ofAlice, status } = await asked(61_000);
    assert.equal(status, 3);
    const lines = ofAlice.split('\n');
    assert.match(lines[1] ?? '', /^\/srv\/shop +alice +shopd \d+ +3: www-data$/);
    assert.ok(
      lines.some((line) => /^\/srv\/bus +- +\? +2: alice$/.test(line)),
      ofAlice,
    );
    assert.doesNotMatch(ofAlice, /\/srv\/(?:log|cache)/);
    const rest = lines.filter((line) => line.includes('root'));
    assert.equal(rest.length, 1, ofAlice);
    assert.match(
      rest[0] ?? '',
      /^not shown: \d+ sockets of processes that only root may look into \(sudo peerpid scan\)$/,
    );
    const { stdout: ofNobody } = await asked(65_534);
    assert.match(ofNobody, /^98 sockets: [^\n]*\nnot shown: 98 sockets of [^\n]*\n$/);
  });
});
