import { Module } from 'node:module';
import { dirname } from 'node:path';
import { constants, Script } from 'node:vm';

import { readWithCache } from './code-cache.js';

/** Loads a module as require() does, with its code cache. @throws Error as open(2) and read(2) */
export function loadBundle(file: string, require: NodeJS.Require): unknown {
  const { source, code } = readWithCache(file);
  return runModule(file, compile(file, source, code), require);
}

/**
 * Compiles a bundle of scripts/bundles.js, which is a function as that of require() for each module.
 *
 * @param code - of its cache; V8 makes it anew where it is another release's, or was made with other options
 */
export function compile(file: string, source: Buffer, code: Buffer | undefined): Script {
  // Of which all characters are ASCII, so that there is nothing to decode
  return new Script(source.toString('latin1'), {
    filename: file,
    ...(code === undefined ? {} : { cachedData: code }),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
}

type Wrapped = (
  exports: unknown,
  require: NodeJS.Require,
  module: NodeJS.Module,
  filename: string,
  directory: string,
) => void;

export function runModule(file: string, script: Script, require: NodeJS.Require): unknown {
  const module = new Module(file);
  module.filename = file;
  (script.runInThisContext() as Wrapped)(module.exports, require, module, file, dirname(file));
  module.loaded = true;
  return module.exports;
}
