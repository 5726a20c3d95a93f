/**
 * What the bundle has in place of packages that oclif loads and a program with a manifest never calls: they find
 * commands and settings by searching directories. Whatever is asked of it is an error, told where it is asked.
 */
const fail = (name) => () => {
  throw new Error(`${name} was called, which scripts/bundle.js leaves out of the bundle`);
};

exports.glob = fail('tinyglobby');
exports.minimatch = fail('minimatch');
exports.lilconfig = fail('lilconfig');
