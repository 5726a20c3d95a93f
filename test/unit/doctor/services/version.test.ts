import assert from 'node:assert/strict';

import { knownServices } from '../../../../src/doctor/services/known-services.js';
import { isAtLeast, kernelNumbers, parseVersion, type Version, versionIn } from '../../../../src/doctor/version.js';

function version(text: string): Version {
  const parsed = parseVersion(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

describe('versionIn', () => {
  const printed: readonly (readonly [output: string, says: string, text: string, numbers: readonly number[]])[] = [
    // Debian 12 and 13
    ['systemd 252 (252.38-1~deb12u1)\n+PAM +AUDIT\n', 'systemd', '252 (252.38-1~deb12u1)', [252]],
    ['systemd 257 (257.13-1~deb13u1)\n+PAM\n', 'systemd', '257 (257.13-1~deb13u1)', [257]],
    ['D-Bus Message Bus Daemon 1.14.10\nCopyright (C)\n', 'D-Bus Message Bus Daemon', '1.14.10', [1, 14, 10]],
    ['D-Bus Message Bus Daemon 1.16.2\n', 'D-Bus Message Bus Daemon', '1.16.2', [1, 16, 2]],
    ['dbus-broker 37\n', 'dbus-broker', '37', [37]],
    ['pkaction version 126\n', 'pkaction version', '126', [126]],
    // Ubuntu 22.04
    ['pkaction version 0.105\n', 'pkaction version', '0.105', [0, 105]],
    // Fedora 41, Arch, one without a distribution's version, and a candidate
    ['systemd 256 (256.11-1.fc41)\n', 'systemd', '256 (256.11-1.fc41)', [256]],
    ['systemd 256 (256.6-1-arch)\n', 'systemd', '256 (256.6-1-arch)', [256]],
    ['systemd 219\n+PAM\n', 'systemd', '219', [219]],
    ['systemd 262~rc3 (262~rc3-1.fc46)\n', 'systemd', '262~rc3 (262~rc3-1.fc46)', [262]],
    ['dbus-broker 34', 'dbus-broker', '34', [34]],
  ];
  for (const [output, says, text, numbers] of printed) {
    it(`reads ${JSON.stringify(output)}`, () => {
      assert.deepEqual(versionIn(output, says), { text, numbers });
    });
  }

  const strange: readonly string[] = [
    '',
    '\n',
    'systemd',
    'systemd \n',
    'systemd version\n',
    'systemd 257x\n',
    'systemd -1\n',
    'systemd 257 (\x1b[2J)\n',
    'systemd 257\r\n',
    'systemd 257 \n',
    'systemd 257 (257) more\n',
    'systemd 257 (257\n)\n',
    `systemd ${'9'.repeat(100)}\n`,
    `systemd 257 (${'9'.repeat(100)})\n`,
    '\nsystemd 257\n',
    'systemd-analyze 257\n',
    'error: systemd 257\n',
  ];
  for (const output of strange) {
    it(`does not read ${JSON.stringify(output.slice(0, 30))}`, () => {
      assert.equal(versionIn(output, 'systemd'), undefined);
    });
  }
});

describe('isAtLeast', () => {
  const inOrder = [
    ['0.105', '0.113', '0.119', '0.120', '121', '123', '124', '126'],
    ['1.14.10', '1.15.6', '1.15.8', '1.15.10', '1.16.0', '1.16.2', '2'],
    ['219', '252 (252.38-1~deb12u1)', '255', '256 (256.11-1.fc41)', '257 (257.13-1~deb13u1)', '258'],
  ];
  for (const versions of inOrder) {
    it(versions.join(' < '), () => {
      for (const [index, one] of versions.entries()) {
        for (const [other, another] of versions.entries()) {
          assert.equal(isAtLeast(version(one), version(another)), index >= other, `${one} and ${another}`);
        }
      }
    });
  }

  it('takes a number that is not there for 0, and a candidate for what it leads to', () => {
    assert.ok(isAtLeast(version('1.16'), version('1.16.0')));
    assert.ok(isAtLeast(version('1.16.0'), version('1.16')));
    assert.ok(isAtLeast(version('256~rc1 (256~rc1-1)'), version('256')));
  });
});

describe('knownServices', () => {
  for (const { id, uses, programs, tellers = [] } of knownServices) {
    it(`${id}: from old to new, by absolute paths`, () => {
      const versions = uses.map(({ since }) => version(since));
      for (const [index, one] of versions.entries()) {
        if (index > 0) assert.equal(isAtLeast(versions[index - 1]!, one), false);
      }
      assert.ok([...programs, ...tellers].every((path) => /^\/(usr\/)?(bin|lib|libexec)\//.test(path)));
    });
  }
});

describe('kernelNumbers', () => {
  for (const [release, since, newEnough] of [
    ['6.12.43+deb13-amd64', '6.12', true],
    ['6.12.43+deb13-amd64', '6.13', false],
    ['6.5.0-rc1', '6.5', true],
    ['7.0', '6.16', true],
    ['5.15.0-1052-azure', '6.5', false],
  ] as const) {
    it(`${release} is ${newEnough ? '' : 'not '}new enough for ${since}`, () => {
      assert.equal(isAtLeast(kernelNumbers(release), kernelNumbers(since)), newEnough);
    });
  }
});
