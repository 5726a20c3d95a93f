import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

import { assertProblem, asUser, type ExpectedProblem, withLastArgument } from '../helpers/assert-problem.js';
import { isRoot, requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { Peer } from '../helpers/peers/peer.js';

const long = (length: number): string => 'a'.repeat(length);

type Case = readonly [string, readonly string[], number, RegExp, RegExp];

describe('bad input', () => {
  let directory: TemporaryDirectory;
  let peer: Peer;

  before(async () => {
    directory = new TemporaryDirectory();
    peer = await Peer.start({ cwd: directory.path });
    writeFileSync(directory.file('regular'), '');
    mkdirSync(directory.file('folder'));
    symlinkSync('loop', directory.file('loop'));
    await peer.do('listen', 'stream');
    await peer.do('listen', 'seqpacket', 'seqpacket');
    await peer.do('listen', 'dgram', 'dgram');
    await peer.do('close', await peer.number('listen', 'dead'));
    symlinkSync('stream', directory.file('link'));
    symlinkSync('dead', directory.file('link-to-dead'));
    symlinkSync('nothing', directory.file('dangling'));
    await peer.do('listen', `@peerpid-bad-${peer.pid}`, 'seqpacket');
  });

  after(async () => {
    await peer[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  const usage = /`peerpid (inspect |listen |send |race )?--help` shows/;
  const cases: readonly Case[] = [
    ['an unknown command', ['bogus'], 2, /^there is no command bogus$/, /inspect, listen.*type \.\/bogus/],
    [
      'an unknown command, and more',
      ['inspct', 'stream'],
      2,
      /^there is no command inspct$/,
      /^Did you mean `peerpid inspect`\?/,
    ],
    ['help on an unknown command', ['help', 'scna'], 2, /^there is no command scna$/, /^Did you mean `peerpid scan`\?/],
    ['an option of every command alone', ['--explain'], 2, /^a command or SOCKET is missing$/, /all commands/],
    ['a command that is cut too short', ['s', 'x'], 2, /^s may be scan or send$/, /one more letter/],
    ['an option before its command', ['-t', '5', 'inspect', 'stream'], 2, /^-t is not an option of every/, /after/],
    [
      'an option that is nearly right',
      ['inspect', '--no-conect', 'stream'],
      2,
      /^there is no option --no-c/,
      /n --no-connect\?/,
    ],
    [
      'an option of another command',
      ['inspect', '--listening', 'stream'],
      2,
      /^there is no option/,
      /`peerpid scan` has one/,
    ],
    ['an argument that is not taken', ['race', 'stream'], 2, /^stream is one argument too many$/, usage],
    ['a value that is not taken', ['inspect', '--no-connect=1', 'stream'], 2, /^--no-connect takes no value$/, /Give/],
    [
      'a colour that is no choice',
      ['inspect', '--color=blue', 'stream'],
      2,
      /^--color takes auto, always or never, not b/,
      usage,
    ],
    ['no SOCKET', ['inspect'], 2, /SOCKET is missing/, usage],
    ['one argument too many', ['listen', 'stream', 'b'], 2, /^b is one argument too many$/, usage],
    ['an unknown flag', ['inspect', '--bogus', 'stream'], 2, /^there is no option --bogus$/, usage],
    ['a type that there is not', ['inspect', '--type', 'raw', 'stream'], 2, /^--type takes .*, not raw$/, usage],
    ['a type that there is not to listen', ['listen', '--type', 'raw', 'x'], 2, /^--type takes .*, not raw$/, usage],
    ['a pid to state that is none', ['send', '--as-pid', '0', 'dgram', 'x'], 2, /^--as-pid: .*0/, usage],
    ['a uid to state beyond all', ['send', '--as-uid', '4294967296', 'dgram', 'x'], 2, /^--as-uid: .*96/, usage],
    ['a gid to state that means none', ['send', '--as-gid', '4294967295', 'dgram', 'x'], 2, /^--as-gid: .*95/, usage],
    ['a timeout that is no number', ['inspect', '-t', 'soon', 'stream'], 2, /^--timeout: soon is not/, /seconds/],
    ['a negative timeout', ['inspect', '--timeout=-1', 'stream'], 2, /-1 is not a number of seconds/, /seconds/],
    ['a timeout beyond all timers', ['listen', '-t', '9999999', 'x'], 2, /9999999 is not/, /seconds/],
    ['a mode that is none', ['listen', '--mode', '999', 'x'], 2, /^--mode: 999 is not a mode/, /octal/],
    ['a count of nobody', ['listen', '--count', '0', 'x'], 2, /--count: .*0/, usage],
    [
      'count and once together',
      ['listen', '--once', '--count', '2', 'x'],
      2,
      /^--(?:once and --count|count and --once) exclude each other$/,
      usage,
    ],
    ['both of two previews', ['listen', '--no-preview', '--preview', '9', 'x'], 2, /--preview/, usage],
    ['a mode for a name without a file', ['listen', '--mode', '600', '@x'], 2, /^--mode is for a file/, /a path/],
    ['an empty SOCKET', ['inspect', ''], 2, /SOCKET is empty/, /path, @name/],
    ['an empty @ name', ['inspect', '@'], 2, /@ names nothing/, /at least one byte/],
    ['an @ name with half an escape', ['inspect', '@a\\x4'], 2, /broken escape/, /two hexadecimal digits/],
    ['an @ name with a broken escape', ['listen', '@\\xzz'], 2, /broken escape/, /\\x5c/],
    ['an @ name that is too long', ['inspect', `@${long(108)}`], 2, /108 bytes long/, /room for 107/],
    ['a path with a NUL', ['inspect', 'a\\x00b'], 2, /NUL byte/, /@name/],
    ['a pid beyond all pids', ['inspect', '/proc/4294967297/fd/3'], 2, /4294967297/, /`peerpid scan --long/],
    ['a descriptor beyond all', ['inspect', '/proc/1/fd/4294967299'], 2, /4294967299/, /`peerpid scan --long/],
    ['pid 0', ['inspect', '/proc/0/fd/3'], 2, /\/proc\/0\/fd\/3/, /`peerpid scan --long/],
    ['a D-Bus address of no local socket', ['inspect', 'tcp:host=a,port=1'], 2, /without unix:path=/, /\.\/ in front/],
    ['a D-Bus address of a directory', ['send', 'unix:tmpdir=/tmp', 'x'], 2, /without unix:path=/, /path or @name/],
    ['a URL of nothing', ['inspect', 'unix://'], 2, /^unix:\/\/ names no socket$/, /path or @name/],
    ['an inode beyond all', ['inspect', 'socket:[4294967296]'], 2, /no socket can have/, /`peerpid scan --long/],
    [
      'an inode of nobody',
      ['inspect', 'inode:4294967295'],
      1,
      /no AF_UNIX socket of inode 4294967295/,
      /`peerpid scan`, as root/,
    ],
    [
      'to send to an inode of nobody',
      ['send', 'inode:4294967295', 'x'],
      1,
      /no AF_UNIX socket/,
      /`peerpid scan`, as root/,
    ],
    ['an inode to listen on', ['listen', 'inode:1'], 2, /a socket of its own/, /peerpid inspect/],
    ['a descriptor to listen on', ['listen', '/proc/1/fd/3'], 2, /a socket of its own/, /peerpid inspect/],
    ['no such path', ['inspect', 'nothing'], 1, /no socket at nothing/, /service running.*scan --listening/],
    ['a PID', ['inspect', '1234'], 1, /no socket at 1234/, /`peerpid scan --pid 1234`.*\/proc\/1234\/fd\/N/],
    ['to send to no such path', ['send', 'nothing', 'x'], 1, /no socket at nothing/, /service running/],
    ['to send to a regular file', ['send', 'regular', 'x'], 1, /not a socket but a regular file/, /find DIRECTORY/],
    ['to send to a stale socket file', ['send', 'dead', 'x'], 1, /on dead: .*stale/, /Start the service/],
    ['to send to the wrong type', ['send', '--type', 'stream', 'dgram', 'x'], 1, /dgram is a dgram/, /--type dgram/],
    ['no such directory', ['inspect', '/no/such'], 1, /no socket at \/no\/such/, /no directory \/no either/],
    ['a dangling link', ['inspect', 'dangling'], 1, /no socket at dangling/, /scan --listening/],
    ['a link that leads to itself', ['inspect', 'loop'], 1, /loop leads through symbolic links without end/, /40/],
    ['a way through a file', ['inspect', 'regular/x'], 1, /through something that is not a dir/, /directory/],
    ['a regular file', ['inspect', 'regular'], 1, /not a socket but a regular file/, /find DIRECTORY -type s/],
    ['a directory', ['inspect', 'folder'], 1, /not a socket but a directory/, /find DIRECTORY -type s/],
    ['a device', ['inspect', '/dev/null'], 1, /a character device/, /find DIRECTORY/],
    ['a stale socket file', ['inspect', 'dead'], 1, /nobody listens on dead: .*stale/, /Start the service again/],
    ['a link to a stale socket file', ['inspect', 'link-to-dead'], 1, /stale/, /Start the service/],
    ['a stale socket file, unseen', ['inspect', '--no-connect', 'dead'], 1, /on dead: .*stale/, /Start the service/],
    ['no such path, unseen', ['inspect', '--no-connect', 'nothing'], 1, /no socket at nothing/, /scan --listening/],
    ['a regular file, unseen', ['inspect', '--no-connect', 'regular'], 1, /but a regular file/, /find DIRECTORY/],
    ['an @ name that nobody has, unseen', ['inspect', '--no-connect', '@peerpid-no'], 1, /nobody listens/, /network/],
    [
      'the wrong type, unseen',
      ['inspect', '--no-connect', '--type', 'dgram', 'stream'],
      1,
      /a stream/,
      /--type stream/,
    ],
    ['an @ name that nobody has', ['inspect', '@peerpid-nobody'], 1, /nobody listens/, /network namespace/],
    ['a name too long for a file', ['inspect', long(256)], 1, /too long for any path/, /255/],
    ['a path too long for any', ['inspect', 'a/'.repeat(2100)], 1, /too long for any path/, /4095/],
    ['the wrong type of a path', ['inspect', '--type', 'seqpacket', 'stream'], 1, /is a stream/, /--type stream/],
    ['the wrong type of a link', ['inspect', '--type', 'dgram', 'link'], 1, /is a stream/, /--type stream/],
    ['the wrong type of a datagram socket', ['inspect', '--type', 'stream', 'dgram'], 1, /a dgram/, /--type dgram/],
    ['a vanished process', ['inspect', '/proc/2147483647/fd/3'], 1, /no process 2147483647/, /ended/],
    ['a descriptor that is not open', ['inspect', '/proc/self/fd/99'], 1, /no descriptor 99/, /shell/],
    ['to listen where no directory is', ['listen', '/no/such'], 1, /directory does not exist/, /mkdir -p \/no/],
    ['to listen where no file can be', ['listen', '/proc/x'], 1, /does not take such a file/, /elsewhere/],
    ['to listen through a file', ['listen', 'regular/x'], 1, /not a directory/, /directory/],
    ['to listen at a regular file', ['listen', '--replace', 'regular'], 1, /not a socket/, /another path/],
    ['to listen at a directory', ['listen', '--replace', 'folder'], 1, /not a socket/, /another path/],
    ['to listen at a symbolic link', ['listen', '--replace', 'link-to-dead'], 1, /not a socket/, /another path/],
    [
      'to listen where somebody does',
      ['listen', '--replace', 'stream'],
      1,
      /is in use: a socket is bound/,
      /Stop the process that has it/,
    ],
    [
      'to listen where a seqpacket is',
      ['listen', '--replace', 'seqpacket'],
      1,
      /is in use: a socket is bound/,
      /Stop the process that has it/,
    ],
    [
      'to listen where a dgram is',
      ['listen', '--replace', 'dgram'],
      1,
      /is in use: a socket is bound/,
      /Stop the process that has it/,
    ],
    ['to listen at a dead socket', ['listen', 'dead'], 1, /nobody listens to any more/, /--replace/],
    ['to listen with a name too long', ['listen', long(120)], 1, /too long for a socket/, /85 bytes/],
    ['to listen beyond any name', ['listen', long(256)], 1, /too long for any path/, /255/],
  ];

  for (const [title, args, status, message, hint] of cases) {
    it(`${title}: ${args.join(' ').slice(0, 60)}`, async () => {
      await assertProblem(args, { status, message, hint }, { cwd: directory.path });
    });
  }

  const about = (fd: number, pid = peer.pid): string[] => ['inspect', `/proc/${pid}/fd/${fd}`];

  it('an @ name of another type, and one that is taken', async () => {
    const name = `@peerpid-bad-${peer.pid}`;
    const wrong = { status: 1, message: /is a seqpacket socket, not stream/, hint: /--type seqpacket/ };
    await assertProblem(['inspect', '--type', 'stream', name], wrong);
    await assertProblem(['listen', '--type', 'seqpacket', name], {
      status: 1,
      message: /is taken/,
      hint: /scan --socket/,
    });
  });

  it('a descriptor of another process that is not a socket, is closed, or is not an AF_UNIX one', async () => {
    const file = openSync('/dev/null', 'r');
    try {
      const hint = new RegExp(`^\`peerpid scan --long --pid ${process.pid}\` shows`);
      await assertProblem(about(file, process.pid), { status: 1, message: /is not a socket/, hint });
    } finally {
      closeSync(file);
    }
    await assertProblem(about(987), { status: 1, message: /has no descriptor 987/, hint: /closed/ });
    const server = createServer().listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
      const expected = { status: 1, message: /a socket, but not an AF_UNIX one/, hint: /`peerpid scan --long/ };
      await assertProblem(about(fd, process.pid), expected);
    } finally {
      server.close();
    }
  });

  it('a descriptor of a process that may not be traced', async function () {
    requirePrograms(this, 'setpriv');
    requireThat(this, isRoot, 'needs root, to be another user');
    const expected = { status: 1, message: /may not duplicate/, hint: /right to trace.*as its user/ };
    await assertProblem(about(0), expected, asUser(65534, 65534));
  });

  const bytes: readonly (readonly [string, Buffer, RegExp])[] = [
    ['bytes that are not UTF-8', Buffer.from([0x61, 0xff, 0xc3, 0x28]), /no socket at a\\xff\\xc3\(/],
    ['a newline and an escape sequence', Buffer.from('a\n\x1b[31mb'), /no socket at a\\x0a\\x1b\[31mb/],
    ['a C1 control and a bidi override', Buffer.from('a\u009b\u202eb'), /no socket at a\\xc2\\x9b/],
    ['a backslash', Buffer.from('a\\b'), /no socket at a\\x5cb/],
  ];
  for (const [title, name, message] of bytes) {
    it(`a path with ${title}`, async () => {
      const expected: ExpectedProblem = { status: 1, message, hint: /scan --listening/ };
      await assertProblem(['inspect'], expected, { ...withLastArgument(name), cwd: directory.path });
    });
  }
});
