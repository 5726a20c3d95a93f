/** In place of node:fs/promises, with which oclif reads its manifest: a file of a few kilobytes is read sooner than that is loaded. */
const { readFileSync, statSync } = require('node:fs');

exports.readFile = async (...args) => readFileSync(...args);
exports.stat = async (...args) => statSync(...args);
