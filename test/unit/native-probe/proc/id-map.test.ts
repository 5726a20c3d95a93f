import assert from 'node:assert/strict';

import { mapId, parseIdMap } from '../../../../native-probe/proc/id-map.js';

describe('id maps', () => {
  const map = parseIdMap('         0     100000      65536\n     70000       1000          1\n');

  it('are lines of three columns', () => {
    assert.deepEqual(map, [
      { inside: 0, ours: 100000, count: 65536 },
      { inside: 70000, ours: 1000, count: 1 },
    ]);
  });

  it('give the first and the last id of a range, and none beside it', () => {
    assert.equal(mapId(map, 99999), undefined);
    assert.equal(mapId(map, 100000), 0);
    assert.equal(mapId(map, 165535), 65535);
    assert.equal(mapId(map, 165536), undefined);
    assert.equal(mapId(map, 999), undefined);
    assert.equal(mapId(map, 1000), 70000);
    assert.equal(mapId(map, 1001), undefined);
  });

  it('are empty until they are written: nobody is mapped', () => {
    assert.deepEqual(parseIdMap(''), []);
    assert.equal(mapId([], 0), undefined);
  });

  it('of the first user namespace map all ids but 4294967295, which is none', () => {
    const all = parseIdMap('         0          0 4294967295\n');
    assert.equal(mapId(all, 0), 0);
    assert.equal(mapId(all, 4294967294), 4294967294);
    assert.equal(mapId(all, 4294967295), undefined);
    assert.equal(mapId([{ inside: 0, ours: 4294967290, count: 10 }], 4294967295), undefined);
  });

  it('leave out a range that begins at an id that is not mapped here', () => {
    const hidden = parseIdMap('         0 4294967295      65536\n     70000       1000          1\n');
    assert.deepEqual(hidden, [{ inside: 70000, ours: 1000, count: 1 }]);
  });
});
