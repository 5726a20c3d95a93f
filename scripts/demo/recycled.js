// Runs as process 1 of a PID namespace, so that whatever it starts ends with it:
// a listener ends, an impostor gets its PID, and peerpid is asked who listens.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [peerpid, path] = process.argv.slice(2);
const node = process.execPath;

// The demonstration was ended
process.stdin.on('end', () => process.exit(1)).resume();

chooseNext(4242);
const listener = spawn(node, [fileURLToPath(new URL('listener.js', import.meta.url)), path], { stdio: 'ignore' });
await once(listener, 'exit');
impersonate(listener.pid);

const { status } = spawnSync(node, [peerpid, 'inspect', path], { stdio: ['ignore', 'inherit', 'inherit'] });
const { stdout } = spawnSync(node, [peerpid, 'inspect', '--json', path]);
const { verdict } = JSON.parse(stdout);
process.exit(status === 3 && verdict === 'recycled' ? 0 : 1);

/** Has the next process of this namespace get a number, if it is free and no thread comes in between. */
function chooseNext(pid) {
  writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
}

/** Starts a process that has the given number. */
function impersonate(pid) {
  for (let attempt = 0; attempt < 100; attempt++) {
    chooseNext(pid);
    const impostor = spawn('sleep', ['60'], { stdio: 'ignore' });
    if (impostor.pid === pid) return;
    impostor.kill('SIGKILL');
  }
  throw new Error(`PID ${pid} could not be had again`);
}
