/**
 * koffi as the bundle has it: its native part, from where npm has put it. The package of that name finds the same part by
 * more ways, which takes four times as long, and is asked where it is not there: another layout, or another C library.
 */
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** dist/cli, in which the bundle lies: below the package's directory. */
const root = join(__dirname, '../..');

function load(): unknown {
  const part = `@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`;
  // Those of the directories in which Node would look that npm uses
  const places = [join(root, 'node_modules'), ...(basename(dirname(root)) === 'node_modules' ? [dirname(root)] : [])];
  for (const place of places) {
    const native = opened(join(place, part));
    if (native?.version?.startsWith('3.') === true) return native;
  }
  return createRequire(__filename)('koffi');
}

function opened(path: string): { readonly version?: string } | undefined {
  const module = { exports: {} };
  try {
    process.dlopen(module, path);
  } catch (error) {
    // koffi's own words are for the user, if it is not found by other ways either
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
  return module.exports;
}

export default load();
