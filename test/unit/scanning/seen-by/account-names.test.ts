import assert from 'node:assert/strict';

import { namesIn } from '../../../../src/scanning/seen-by/account-names.js';

function names(file: 'passwd' | 'group', content: string | Buffer): Record<string, string> {
  return Object.fromEntries(namesIn(Buffer.from(content), file));
}

describe('names of users and groups in files of others', () => {
  it('has the first name of each id', () => {
    assert.deepEqual(names('passwd', 'root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:\n  ann:x:5:6::/:/bin/sh'), {
      0: 'root',
      5: 'ann',
    });
    assert.deepEqual(names('group', 'wheel:x:0:ann,bob\nstaff:x:50:\nlast:x:7'), {
      0: 'wheel',
      50: 'staff',
      7: 'last',
    });
  });

  it('passes over comments, entries of nss_compat, and what is no entry', () => {
    const lines = [
      '#old:x:1:1::/:',
      '+nis:x:2:2::/:',
      '-not:x:3:3::/:',
      ':x:4:4::/:',
      'half:x:5',
      'word:x:six:6::/:',
      'less:x:-7:7::/:',
      'more:x:4294967295:8::/:',
      'long:x:99999999999:9::/:',
      '',
      'good:x:10:10::/:',
    ];
    assert.deepEqual(names('passwd', lines.join('\n')), { 10: 'good' });
  });

  it('has bytes that are no UTF-8 as \\xNN', () => {
    assert.deepEqual(names('passwd', Buffer.from('a\xff\\:x:1:1::/:\n', 'latin1')), { 1: 'a\\xff\\x5c' });
  });

  it('cuts a long name, and takes a line of which the id is nowhere near for none', () => {
    const long = 'n'.repeat(300);
    assert.deepEqual(names('passwd', `${long}:x:1:1::/:\n${'m'.repeat(1_000_000)}:x:2:2::/:\nann:x:3:3::/:\n`), {
      1: `${long.slice(0, 256)}…`,
      3: 'ann',
    });
  });
});
