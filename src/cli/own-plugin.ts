import type { Command } from '@oclif/core';
import type { PJSON, Plugin } from '@oclif/core/interfaces';

/** What the bundle has of the package, so that nothing is read at a start. scripts/bundle.js puts it in. */
export interface Program {
  /** Of package.json what oclif asks for. */
  readonly pjson: PJSON;
  /** oclif.manifest.json: every command, without loading any. */
  readonly manifest: { readonly commands: Readonly<Record<string, Command.Cached>> };
  /** Loads each. */
  readonly commands: Readonly<Record<string, () => Command.Class>>;
}

/** What oclif's own class finds in files. */
export function ownPlugin({ pjson, manifest, commands }: Program, root: string): Plugin {
  const findCommand = (id: string): Promise<Command.Class> => {
    const load = commands[id];
    if (load === undefined) throw new Error(`there is no command ${id} in the bundle`);
    return Promise.resolve(Object.assign(load(), { id, plugin }));
  };
  const plugin: Plugin = {
    _base: '',
    alias: pjson.name,
    commandIDs: Object.keys(commands),
    commands: Object.values(manifest.commands).map((command) => ({
      ...command,
      load: () => findCommand(command.id),
      pluginAlias: pjson.name,
      pluginType: 'core',
    })),
    commandsDir: undefined,
    findCommand,
    hasManifest: true,
    hooks: {},
    isRoot: true,
    load: () => Promise.resolve(),
    moduleType: 'module',
    name: pjson.name,
    options: { root },
    pjson,
    root,
    topics: [],
    type: 'core',
    valid: true,
    version: pjson.version,
  };
  return plugin;
}
