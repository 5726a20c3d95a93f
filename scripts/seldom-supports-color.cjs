/** In place of supports-color, which asks for terminals at once: that loads all that Node has for networks. */
const isForced = () => 'FORCE_COLOR' in process.env || process.argv.some((word) => /^--(?:no-)?color/.test(word));
const levelOf = (name) => (process[name].isTTY || isForced() ? require('supports-color')[name] : false);

Object.defineProperties(exports, {
  stdout: { get: () => levelOf('stdout') },
  stderr: { get: () => levelOf('stderr') },
});
