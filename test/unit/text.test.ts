import assert from 'node:assert/strict';

import { escapedName, textOf, unescapedName } from '../../src/text.js';

describe('text', () => {
  it('keeps UTF-8 and escapes each byte that is not', () => {
    assert.equal(textOf(Buffer.from('grüße')), 'grüße');
    assert.equal(textOf(Buffer.from([0x61, 0xff, 0x62, 0xc3])), 'a\\xffb\\xc3');
  });

  it('gives a name that can be typed again, whatever its bytes', () => {
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    assert.deepEqual(unescapedName(Buffer.from(escapedName(everyByte))), everyByte);
  });
});
