// Makes a release, or with --dry-run shows what it would be and what stands in its way:
//
//     npm run release -- --dry-run [--leave-out STEP,…]
//
// All goes into release/. Without --dry-run the first step that fails ends it, and after the last one the version is
// tagged and published.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { steps } from './release/steps.js';
import { folder, root, tarball, version } from './release/package.js';

const { values } = parseArgs({
  options: { 'dry-run': { type: 'boolean', default: false }, 'leave-out': { type: 'string', default: '' } },
});
const dryRun = values['dry-run'];
const leftOut = new Set(values['leave-out'].split(',').filter((name) => name !== ''));
const unknown = [...leftOut].filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0)
  fail(`no such step: ${unknown.join(', ')}. There are ${steps.map(({ name }) => name).join(', ')}.`);
if (leftOut.size > 0 && !dryRun) fail('a release leaves out nothing: --leave-out is for --dry-run');

mkdirSync(folder, { recursive: true });
const rows = [];
for (const { name, run } of steps) {
  process.stdout.write(`\n== ${name}\n`);
  const row = leftOut.has(name) ? { name, result: 'left out' } : outcomeOf(name, run);
  rows.push(row);
  if (row.result === 'failed' && !dryRun) break;
}
process.stdout.write(`\npeerpid ${version}\n`);
for (const { name, result, why } of rows) {
  process.stdout.write(`  ${name.padEnd(12)}${result}${why === undefined ? '' : `: ${why}`}\n`);
}
if (rows.some(({ result }) => result === 'failed')) process.exitCode = 1;
else if (!dryRun) publish();

function outcomeOf(name, run) {
  try {
    const said = run({ dryRun });
    return { name, result: 'ok', why: said };
  } catch (error) {
    process.stdout.write(`${error.message}\n`);
    return { name, result: 'failed', why: error.message.split('\n')[0] };
  }
}

function publish() {
  for (const [program, ...args] of [
    ['git', 'tag', '--annotate', `v${version}`, '--message', `peerpid ${version}`],
    ['npm', 'publish', tarball],
  ]) {
    const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
    if (status !== 0) fail(`${program} ${args.join(' ')}: status ${status}`);
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
