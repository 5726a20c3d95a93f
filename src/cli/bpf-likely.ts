import { existsSync, readFileSync } from 'node:fs';

import { mayLoadBpf } from '../words/capabilities.js';

/**
 * Whether a scan will have what it tells from a BPF program, as far as can be said before anything is loaded: then nobody
 * else has to start on it.
 *
 * @param words - of the command line
 */
export function isBpfLikely(words: readonly string[]): boolean {
  const at = words.indexOf('--source');
  if (words.includes('--source=proc') || (at >= 0 && words[at + 1] === 'proc')) return false;
  if (!existsSync('/sys/kernel/btf/vmlinux') || !existsSync('/proc/self/status')) return false;
  const [, digits = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  return mayLoadBpf(BigInt(`0x${digits}`));
}
