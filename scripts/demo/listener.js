// A listener that leaves its socket to a child and ends.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const [path] = process.argv.slice(2);
const server = createServer().listen(path, () => {
  spawn('tail', ['-f', '/dev/null'], { stdio: ['ignore', 'ignore', 'ignore', server._handle.fd] });
  process.exit(0);
});
