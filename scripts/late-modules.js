// What the bundles load when something of it is first used, and not before: plugins of esbuild.
import { createRequire } from 'node:module';
import { dirname, resolve as resolvePath } from 'node:path';

/** Of Node's own modules those that a command may never use, or only at its end: milliseconds at each start. */
const late = [
  'child_process',
  'crypto',
  'dgram',
  'fs/promises',
  'module',
  'net',
  'perf_hooks',
  'readline',
  'sea',
  'stream',
].concat(['timers/promises', 'tty', 'url', 'v8', 'worker_threads', 'zlib']);

/** What stands for a module: an object of getters. */
function getters(path, names) {
  const required = `require(${JSON.stringify(path)})`;
  return `module.exports = { ${names.map((name) => `get ${name}() { return ${required}.${name}; }`).join(', ')} };`;
}

/** Has them loaded when something of them is first used. */
export const lateBuiltins = {
  name: 'late-builtins',
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(node:)?(${late.join('|')})$`);
    onResolve({ filter }, ({ path, namespace }) =>
      namespace === 'late'
        ? { path, external: true }
        : { path: path.replace(/^(?!node:)/, 'node:'), namespace: 'late' },
    );
    onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => {
      return { contents: getters(path, Object.keys(process.getBuiltinModule(path))) };
    });
  },
};

/** Packages that are wanted for errors, help and colour alone: loaded when something of them is first used. */
const lateOnes = ['ansis', 'chalk', 'clean-stack', 'wrap-ansi'];
/** Those that need not be loaded for all that is asked of them, and what answers the rest. */
const seldomAsked = { ejs: 'scripts/seldom-ejs.cjs', 'supports-color': 'scripts/seldom-supports-color.cjs' };

/** Of a module of CommonJS, which may be a function. What imports it asks for __esModule at once. */
function standIn(path) {
  return `const real = () => require(${JSON.stringify(path)});
    module.exports = new Proxy(function () {}, {
      get: (_, key) => (key === '__esModule' ? ${Boolean(createRequire(path)(path).__esModule)} : real()[key]),
      apply: (_, self, args) => Reflect.apply(real(), self, args),
    });`;
}

/** Something that looks like each of them stands for it. */
export const latePackages = {
  name: 'late-packages',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: new RegExp(`^(${lateOnes.join('|')})$`) }, async ({ path, pluginData, ...from }) => {
      // Asked by what stands for it
      if (pluginData === 'real') return undefined;
      const { kind, importer, resolveDir } = from;
      const { path: file } = await resolve(path, { kind, importer, resolveDir, pluginData: 'real' });
      return { path: file, namespace: 'late-package' };
    });
    onLoad({ filter: /.*/, namespace: 'late-package' }, async ({ path }) => ({
      contents: path.includes('/chalk/') ? getters(path, Object.keys(await import(path))) : standIn(path),
      resolveDir: dirname(path),
    }));
    onResolve({ filter: new RegExp(`^(${Object.keys(seldomAsked).join('|')})$`) }, ({ path, importer }) => {
      const instead = resolvePath(seldomAsked[path]);
      return importer === instead ? undefined : { path: instead };
    });
    // chalk asks it for a level of colour, and style.ts names one each time
    onResolve({ filter: /^#supports-color$/ }, () => ({ path: resolvePath('scripts/no-supports-color.js') }));
  },
};
