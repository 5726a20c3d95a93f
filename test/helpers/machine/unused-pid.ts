import { existsSync, readFileSync } from 'node:fs';

/** A number that no process or thread has, and that will not be given away soon: far from the last that was. */
export function unusedPid(): number {
  const last = Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[4]);
  const most = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8'));
  for (let pid = last > most / 2 ? last - 1000 : most - 1; pid > 1; pid--) {
    if (!existsSync(`/proc/${pid}`)) return pid;
  }
  throw new Error('every number is taken');
}
