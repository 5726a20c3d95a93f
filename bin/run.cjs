#!/usr/bin/env node
const { loadBundle, main } = require('../dist/cli/main.cjs');

// Whatever is thrown ends the program, as at the top of a module
void main(__filename, (file) => loadBundle(file, require));
