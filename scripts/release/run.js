import { spawnSync } from 'node:child_process';

import { root } from './package.js';

/** Runs a program, whose output is seen. @throws Error where it fails */
export function show(program, ...args) {
  const { error, status } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  check(program, args, error, status, '');
}

/** @returns what a program prints. @throws Error where it fails */
export function outputOf(program, ...args) {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 };
  const { error, status, stdout, stderr } = spawnSync(program, args, options);
  check(program, args, error, status, stderr);
  return stdout;
}

function check(program, args, error, status, said) {
  if (error) throw error;
  if (status === 0) return;
  const last = said.trim().split('\n').slice(-3).join(' ');
  throw new Error(`${program} ${args.join(' ')}: status ${status}${last === '' ? '' : `: ${last}`}`);
}
