import assert from 'node:assert/strict';

import { listenAddresses } from '../../../src/socket/listen-addresses.js';

describe('listenAddresses', () => {
  for (const [output, addresses] of [
    ['LoadState=loaded\nListen=/run/docker.sock (Stream)\n', ['/run/docker.sock']],
    [
      'Listen=/run/systemd/journal/stdout (Stream)\nListen=/run/systemd/journal/socket (Datagram)\n',
      ['/run/systemd/journal/stdout', '/run/systemd/journal/socket'],
    ],
    ['Listen=/run/udev/control (SequentialPacket)\nListen=kobject-uevent 1 (Netlink)\n', ['/run/udev/control']],
    ['Listen=/dev/rfkill (Special)\nListen=/run/initctl (FIFO)\nListen=/q (MessageQueue)\n', []],
    ['Listen=[::]:22 (Stream)\nListen=0.0.0.0:80 (Stream)\nListen=vsock::22 (Stream)\n', []],
    ['Listen=@ISCSIADM_ABSTRACT_NAMESPACE (Stream)\n', ['@ISCSIADM_ABSTRACT_NAMESPACE']],
    ['Listen=/run/a (b) (Stream)\n', ['/run/a (b)']],
    ['Listen=/run/a\\x20\\\\x41\\n\\377 (Stream)\n', ['/run/a \\x5cx41\\x0a\\xff']],
    ['Listen=@a\\x00b\\x5c (Datagram)\n', ['@a\\x00b\\x5c']],
    ['Listen= (Stream)\nListen=/ (Stream)\nListen=@ (Stream)\nLoadState=not-found\n', []],
    ['', []],
  ] as const) {
    it(JSON.stringify(output), () => {
      assert.deepEqual(listenAddresses(output), addresses);
    });
  }
});
