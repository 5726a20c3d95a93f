import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

import type { TraceEvent } from '../src/document/trace-event.js';
import { interleaved, table } from './measure.js';
import { compile, peerpid } from './programs.js';

/** Connections a second, and for how many seconds. */
const [rate, seconds] = [5000, 5];
const name = 'peerpid-bench-trace';

/** What connect(2) takes while `trace` sees it, against without, and whether calls are lost. */
export async function timeTraced(directory: string, rounds: number): Promise<string> {
  const connects = compile('connects', directory);
  if (connects === undefined) return 'trace: left out, for want of a C compiler\n';
  const lost: string[] = [];
  const took = (): number => {
    const said = execFileSync(connects, [String(rate), String(seconds), name], { encoding: 'utf8' });
    return Number(said.split(' ')[1]);
  };
  const times = await interleaved(['connect(2)', 'the same, while peerpid trace runs'], rounds, async (which) => {
    if (which === 'connect(2)') return took();
    const file = `${directory}/traced.json`;
    const out = openSync(file, 'w');
    // Into a file: a reader beside it would be a fourth program on two cores
    const child = spawn(process.execPath, [peerpid, 'trace', '--json', `@${name}`], {
      stdio: ['ignore', out, 'inherit'],
    });
    closeSync(out);
    while (!readFileSync(file, 'utf8').includes('"start"')) await setTimeout(10);
    const time = took();
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    lost.push(summaryIn(readFileSync(file, 'utf8')));
    return time;
  });
  const title = `trace of ${rate} connections a second: median of ${rounds}`;
  return `${table(title, times, (time) => `${time.toFixed(2)} µs`)}  ${lost.join(', ')}\n`;
}

function summaryIn(lines: string): string {
  const event = JSON.parse(lines.trimEnd().split('\n').at(-1) ?? '') as TraceEvent;
  return event.event === 'summary' ? `${event.connections} seen and ${event.lost} lost` : 'ended without a summary';
}
