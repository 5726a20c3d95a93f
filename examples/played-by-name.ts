import { played } from './namespace.js';
import { missingPrograms } from './programs.js';
import type { Scene } from './scene.js';
import type { Shown } from './shown.js';

/**
 * Has several scenes played, and says which.
 *
 * @param only - their names; all without any
 * @returns what was typed in each; nothing of one whose programs are missing
 */
export async function playedByName(
  scenes: Readonly<Record<string, Scene>>,
  only: readonly string[],
): Promise<ReadonlyMap<string, readonly (Shown | null)[]>> {
  const shown = new Map<string, readonly (Shown | null)[]>();
  for (const [name, { needs }] of Object.entries(scenes)) {
    if (only.length > 0 && !only.includes(name)) continue;
    const missing = missingPrograms(needs);
    process.stdout.write(`${name}${missing.length > 0 ? `: left as it is, without ${missing.join(', ')}` : ''}\n`);
    if (missing.length === 0) shown.set(name, await played(name));
  }
  return shown;
}
