import assert from 'node:assert/strict';

import { openLibrary } from '../../../native-probe/libc.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';

describe('a library of the system', () => {
  it('is opened by its name, and has its functions', () => {
    const library = openLibrary('libm.so.6');
    assert.equal(library?.func('int ilogb(double x)')(1024), 10);
  });

  it('is undefined where there is none of the name', () => {
    assert.equal(openLibrary('libpeerpid-missing.so.1'), undefined);
  });

  it('is undefined where it is no library', () => {
    using directory = new TemporaryDirectory();
    assert.equal(openLibrary(directory.file('missing/libbpf.so.1')), undefined);
    assert.equal(openLibrary('/dev/null'), undefined);
    assert.equal(openLibrary('/proc/self/status'), undefined);
  });
});
