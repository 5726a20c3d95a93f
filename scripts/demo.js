// npm start: inspect and listen against each other, on sockets that are opened and removed here.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { namespaceCommand } from './demo/namespace.js';
import { expect, prompt, tell } from './demo/narration.js';
import { Processes } from './demo/processes.js';
import { waitFor } from './demo/wait-for.js';
import { hasTold } from './demo/watching.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const peerpid = here('../bin/run.cjs');
const node = process.execPath;
const quiet = ['pipe', 'ignore', 'inherit'];

const processes = new Processes();
let stoppedBy;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    stoppedBy ??= signal;
    processes.kill();
  });
}
// Nobody reads on, as after `npm start | head`
process.stdout.on('error', () => {
  stoppedBy ??= 'SIGPIPE';
  processes.kill();
});
process.stderr.on('error', () => undefined);
const directory = await mkdtemp(join(tmpdir(), 'peerpid-demo-'));

try {
  await honestClient(join(directory, 'honest.sock'));
  await recycledListener(join(directory, 'recycled.sock'));
} catch (error) {
  process.exitCode = 1;
  if (stoppedBy === undefined) process.stderr.write(`The demonstration failed: ${error.message}\n`);
} finally {
  processes.kill();
  await processes.ended();
  await rm(directory, { recursive: true, force: true });
}
// As if the signal had not been caught, so that a shell sees why it ended
if (stoppedBy !== undefined) {
  process.removeAllListeners(stoppedBy);
  process.kill(process.pid, stoppedBy);
}

async function honestClient(path) {
  tell('1. A client connects, and the PID that the kernel gives for it may be believed.');
  // The time is for the case that this demonstration is killed and can end nothing
  const args = ['listen', '--once', '--timeout', '30', path];
  prompt(`peerpid ${args.join(' ')}`);
  const listening = processes.start(node, [peerpid, ...args], { stdio: ['inherit', 'inherit', 'pipe'] });
  // On Ctrl-C it says that nobody came, which is nothing new
  listening.child.stderr.on('data', (text) => stoppedBy ?? process.stderr.write(text));
  const client = processes.start(node, [here('demo/client.js'), path], { stdio: quiet });
  // On a busy machine it may also sleep for a moment in between
  let calm = 0;
  const isShown = () => (calm = hasTold(listening.pid) ? calm + 1 : 0) >= 10;
  await waitFor('the client is shown', isShown, [listening, client]);

  tell('2. The other way round: who listens there?');
  prompt(`peerpid inspect ${path}`);
  const inspecting = processes.start(node, [peerpid, 'inspect', path]);
  expect('inspect believes the PID of the listener', await inspecting.status, 0);

  tell('3. The client ends with status 7, and the listener is told so by its pidfd.');
  client.child.stdin.end();
  expect('the client ends', await client.status, 7);
  expect('listen believed its client', await listening.status, 0);
}

async function recycledListener(path) {
  tell('4. A listener ends, its child keeps the socket open, and an impostor gets its PID.');
  const namespace = await namespaceCommand(processes);
  if (namespace === undefined) {
    tell('   Left out: no PID namespace can be made here (it takes root or unprivileged user namespaces).');
    return;
  }
  tell('   (In a PID namespace of its own, where numbers can be chosen.)');
  prompt(`peerpid inspect ${path}`);
  const [unshare, ...args] = namespace;
  const inside = [...args, node, here('demo/recycled.js'), peerpid, path];
  const recycled = processes.start(unshare, inside, { stdio: ['pipe', 'inherit', 'inherit'] });
  expect('inspect sees that the PID was recycled', await recycled.status, 0);
}
