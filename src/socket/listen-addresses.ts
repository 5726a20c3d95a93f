import { formatTarget } from './address.js';

const kinds = ['Stream', 'Datagram', 'SequentialPacket'];

/**
 * The local sockets among the addresses that `systemctl show --property=Listen` prints of a unit, as SOCKET takes them:
 * `Listen=/run/x (Stream)`, a line each, with the escapes of C. systemd's src/systemctl/systemctl-show.c,
 * print_property(), and src/basic/socket-util.c, sockaddr_pretty()
 *
 * @param output - of bytes, each a character (Latin-1)
 */
export function listenAddresses(output: string): string[] {
  return output.split('\n').flatMap((line) => {
    const [, address = '', kind = ''] = /^Listen=(.*) \((\w+)\)$/.exec(line) ?? [];
    if (!/^[/@]./.test(address) || !kinds.includes(kind)) return [];
    const bytes = unescapedC(address);
    return address.startsWith('@')
      ? [formatTarget({ kind: 'abstract', name: bytes.subarray(1) })]
      : [formatTarget({ kind: 'path', path: bytes })];
  });
}

const letters: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** Undoes cescape() of systemd. */
function unescapedC(text: string): Buffer {
  const plain = text.replace(
    /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|(.))/g,
    (_, hexadecimal: string | undefined, octal: string | undefined, letter: string | undefined) => {
      const code =
        hexadecimal === undefined
          ? octal === undefined
            ? undefined
            : Number.parseInt(octal, 8)
          : Number.parseInt(hexadecimal, 16);
      if (code !== undefined) return String.fromCharCode(code & 0xff);
      const known = letters[letter ?? ''];
      return known === undefined ? (letter ?? '') : String.fromCharCode(known);
    },
  );
  return Buffer.from(plain, 'latin1');
}
