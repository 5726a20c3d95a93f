import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';

import { SyscallError } from '../../../../native-probe/syscall-error.js';
import { writableByOthers } from '../../../../src/doctor/services/root-only.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../../helpers/machine/temporary.js';
import { prepareEach } from '../../../helpers/prepare-each.js';

describe('writableByOthers', () => {
  let directory: TemporaryDirectory;
  let program: string;

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
    mkdirSync(directory.file('bin'), { mode: 0o755 });
    program = directory.file('bin/program');
    writeFileSync(program, '', { mode: 0o755 });
  });

  it('trusts what the system has installed', () => {
    assert.equal(writableByOthers('/usr/bin/env'), undefined);
    assert.equal(writableByOthers('/bin/../bin/.//env'), undefined);
  });

  it("does not trust a user's own", function () {
    requireThat(this, !isRoot, 'has nothing to tell as root');
    assert.equal(writableByOthers(program), directory.path);
  });

  it('says what is missing', () => {
    assert.throws(
      () => writableByOthers('/usr/bin/no-such-program'),
      (error) => error instanceof SyscallError && error.code === 'ENOENT',
    );
  });

  describe('as root', () => {
    before(function () {
      requireThat(this, isRoot, 'needs root');
    });

    it("trusts what is root's below a sticky directory", () => {
      assert.equal(writableByOthers(program), undefined);
    });

    for (const [what, change] of [
      [
        'the group may write',
        (path) => {
          chmodSync(path, 0o775);
        },
      ],
      [
        'all may write',
        (path) => {
          chmodSync(path, 0o757);
        },
      ],
      [
        "is a user's",
        (path) => {
          chownSync(path, 65534, 0);
        },
      ],
    ] satisfies [string, (path: string) => void][]) {
      it(`does not trust a file or directory that ${what}`, () => {
        change(program);
        assert.equal(writableByOthers(program), program);
        change(directory.file('bin'));
        assert.equal(writableByOthers(program), directory.file('bin'));
      });
    }

    it('does not trust what an access control list lets others write', function () {
      requirePrograms(this, 'setfacl');
      execFileSync('setfacl', ['-m', 'u:65534:rw', program]);
      assert.equal(writableByOthers(program), program);
    });

    it('goes along symbolic links, and by what they lead through', () => {
      symlinkSync('bin', directory.file('relative'));
      symlinkSync(directory.file('relative/program'), directory.file('absolute'));
      assert.equal(writableByOthers(directory.file('absolute')), undefined);
      chmodSync(directory.file('bin'), 0o777);
      assert.equal(writableByOthers(directory.file('absolute')), directory.file('bin'));
    });

    it("does not trust a user's link to a file of root's", () => {
      const link = directory.file('link');
      symlinkSync('/usr/bin/env', link);
      execFileSync('chown', ['-h', '65534', link]);
      assert.equal(writableByOthers(link), link);
    });

    it('does not go along links for ever', () => {
      symlinkSync('one', directory.file('other'));
      symlinkSync('other', directory.file('one'));
      assert.throws(
        () => writableByOthers(directory.file('one')),
        (error) => error instanceof SyscallError && error.code === 'ELOOP',
      );
    });
  });
});
