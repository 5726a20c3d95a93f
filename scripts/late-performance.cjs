/** In place of node:perf_hooks, of which oclif can take marks at its start, and does so to find errors only: loaded when it is asked for. */
for (const name of ['performance', 'PerformanceObserver']) {
  Object.defineProperty(exports, name, {
    enumerable: true,
    get: () => process.getBuiltinModule('node:perf_hooks')[name],
  });
}
