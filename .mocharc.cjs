const { availableParallelism } = require('node:os');

module.exports = {
  spec: 'build/test/**/*.test.js',
  require: 'build/test/helpers/end-of-run.js',
  reporter: 'build/test/helpers/reporter.js',
  parallel: true,
  jobs: availableParallelism(),
  // Also when a test that was given up on still waits for something
  exit: true,
  forbidOnly: true,
  timeout: 20_000,
  slow: 2000,
};
