// Writes the code cache of each bundle: src/cli/code-cache.ts. It has the functions that have been compiled when it is
// made, so a process runs the commands first, on a socket of this program.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { checksumSize, codeCachePath, codeChecksum } from '../build/src/cli/code-cache.js';
import { compile, runModule } from '../build/src/cli/load-bundle.js';
import { commandLines } from './bundles.js';
import { warmRuns, withSocket } from './warm-runs.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const [, program, name, address] = process.argv;

if (address === undefined) await startRunning();
else await runAndWrite(join(root, 'dist/cli', name));

async function startRunning() {
  const directory = await mkdtemp(join(tmpdir(), 'peerpid-build-'));
  try {
    await withSocket(join(directory, 'socket'), async (path) => {
      for (const file of Object.keys(commandLines)) {
        const child = spawn(process.execPath, [program, file, path], { stdio: ['ignore', 'ignore', 'pipe'] });
        const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
        if (status !== 0) throw new Error(`the code cache of ${file} was not made: status ${status}\n${said}`);
        await stat(codeCachePath(join(root, 'dist/cli', file)));
      }
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function runAndWrite(bundle) {
  const source = await readFile(bundle);
  const script = compile(bundle, source, undefined);
  const { commandLine } = runModule(bundle, script, createRequire(bundle));
  await warmRuns(name, commandLine, root, address);
  const code = script.createCachedData();
  const checksum = Buffer.alloc(checksumSize);
  checksum.writeUInt32LE(codeChecksum(source, code));
  const path = codeCachePath(bundle);
  await writeFile(path, Buffer.concat([checksum, code]));
  await chmod(path, (await stat(bundle)).mode);
}
