/**
 * Inspects a peer again and again while it ends and its number is taken by an
 * impostor; to be run in a PID namespace of its own. Prints what it saw, as JSON.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { Fd } from '../../../native-probe/fd.js';
import * as libc from '../../../native-probe/libc.js';
import { check } from '../../../native-probe/syscall-error.js';
import * as unix from '../../../native-probe/unix-socket.js';
import { readInFull } from '../../../src/identity/proc-facts.js';
import type { ProcessFacts } from '../../../src/identity/process-facts.js';
import { inspectPeer, type PeerFacts } from '../../../src/inspection/inspect.js';
import { judge, type Verdict } from '../../../src/verdict/verdict.js';
import { type Step, Witness } from '../../../src/words/evidence.js';
import { valueOf } from '../../../src/words/reading.js';

export interface RaceOutcome {
  rounds: number;
  inspections: number;
  /** Inspections in the middle of which the peer ended or was reaped. */
  disturbed: number;
  verdicts: Partial<Record<Verdict, number>>;
  /** Each is a wrong answer. */
  violations: string[];
}

/**
 * Makes a victim that connects. Told three times in microseconds, it kills the
 * victim, waits for it, and forks an impostor with the same number.
 */
const factory = `
use Socket;
sub connected {
  socket(my $socket, AF_UNIX, SOCK_STREAM, 0);
  connect($socket, pack_sockaddr_un("\\0" . $ARGV[0])) or die "connect: $!";
  return $socket;
}
$0 = 'factory';
my $control = connected();
while (sysread($control, my $start, 1)) {
  my $victim = fork;
  if (!$victim) { $0 = 'victim'; my $held = connected(); sleep 60; exit }
  sysread($control, my $delays, 64);
  my ($before, $between, $after) = split ' ', $delays;
  select(undef, undef, undef, $before / 1e6);
  kill 9, $victim;
  select(undef, undef, undef, $between / 1e6) if $between;
  waitpid $victim, 0;
  select(undef, undef, undef, $after / 1e6) if $after;
  open(my $last, '>', '/proc/sys/kernel/ns_last_pid') or die "ns_last_pid: $!";
  print $last $victim - 1;
  close $last;
  my $impostor = fork;
  if (!$impostor) { $0 = 'impostor'; sleep 60; exit }
  syswrite($control, $impostor == $victim ? '1' : '0');
  sysread($control, my $done, 1);
  kill 9, $impostor;
  waitpid $impostor, 0;
}`;

const name = `peerpid-race-${process.pid}-${Date.now()}`;
const outcome: RaceOutcome = { rounds: 0, inspections: 0, disturbed: 0, verdicts: {}, violations: [] };

function acceptFrom(listener: Fd): Fd {
  return new Fd(check(libc.accept4(listener.number, null, null, 0o2000000), 'accept4'));
}

function tell(socket: Fd, text: string): void {
  check(libc.send(socket.number, Buffer.from(text), text.length, 0), 'send');
}

function commOf(facts: ProcessFacts | undefined): string | undefined {
  return valueOf(facts?.proc?.stat)?.comm.toString();
}

/** What is wrong with these facts of a victim. */
function* violationsOf(facts: PeerFacts, verdict: Verdict): Generator<string> {
  const pinned = valueOf(facts.pinned);
  const named = facts.named?.facts;
  const title = valueOf(pinned?.proc?.commandLine)?.args[0]?.toString();
  if (commOf(pinned) !== undefined && commOf(pinned) !== 'victim') yield `pinned: ${commOf(pinned)}`;
  if (title !== undefined && title !== 'victim') yield `pinned: command line ${title}`;
  if (verdict === 'pinned' && commOf(named) !== 'victim') yield `pinned: byPid is ${commOf(named)}`;
  if (verdict === 'recycled' && commOf(named) === 'victim') yield 'recycled: byPid is the victim';
  if (verdict === 'exited' && named !== undefined) yield `exited: byPid is ${commOf(named)}`;
  if (pinned?.state === 'exited' && JSON.stringify(pinned.exitStatus) !== '{"signal":"SIGKILL","coreDumped":false}') {
    yield `exited with ${JSON.stringify(pinned.exitStatus)}`;
  }
}

const order: readonly Verdict[] = ['pinned', 'exited', 'recycled'];

/** Inspects once. @param earlier - the verdict before, which time does not turn back */
function inspectOnce(socket: Fd, earlier: Verdict): Verdict {
  let sightings = 0;
  const witness = Witness.recording(({ call }: Step) => {
    if (call.startsWith('poll and ioctl')) sightings++;
  });
  using inspection = inspectPeer(socket, readInFull, witness);
  const { verdict } = judge(inspection.facts);
  outcome.inspections++;
  if (sightings > 1) outcome.disturbed++;
  outcome.verdicts[verdict] = (outcome.verdicts[verdict] ?? 0) + 1;
  outcome.violations.push(...violationsOf(inspection.facts, verdict));
  if (order.indexOf(verdict) < order.indexOf(earlier)) outcome.violations.push(`${verdict} after ${earlier}`);
  return verdict;
}

function round(listener: Fd, control: Fd): void {
  tell(control, '+');
  using socket = acceptFrom(listener);
  const before = Math.floor(Math.random() * 1500);
  const between = Math.random() < 0.5 ? 0 : Math.floor(Math.random() * 300);
  // Now and then long enough for the number to be seen free
  const after = Math.random() < 0.1 ? 4000 : 0;
  tell(control, `${before} ${between} ${after}`);
  const deadline = Date.now() + 2000;
  let verdict: Verdict = 'pinned';
  while (verdict !== 'recycled' && Date.now() < deadline) verdict = inspectOnce(socket, verdict);
  const same = Buffer.alloc(1);
  check(libc.recv(control.number, same, 1, 0), 'recv');
  tell(control, '-');
  // A thread of ours that reads a command line got the number: such a round shows nothing
  if (same.toString() !== '1') return;
  if (verdict !== 'recycled') outcome.violations.push(`still ${verdict} after 2 s`);
  outcome.rounds++;
}

const milliseconds = Number(process.argv[2]);
using listener = unix.openBlockingSocket('stream');
unix.bind(listener, { kind: 'abstract', name: Buffer.from(name) });
unix.listen(listener, 4);
const maker = spawn('perl', ['-e', factory, name], { stdio: ['ignore', 'ignore', 'inherit'] });
const ended = once(maker, 'exit');
{
  using control = acceptFrom(listener);
  const end = Date.now() + milliseconds;
  while (Date.now() < end) round(listener, control);
}
await ended;
process.stdout.write(JSON.stringify(outcome));
