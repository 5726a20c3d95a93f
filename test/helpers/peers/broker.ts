import { writeFileSync } from 'node:fs';

import type { TemporaryDirectory } from '../machine/temporary.js';
import { busConfiguration } from './bus.js';
import { Service } from './service.js';

export interface BrokerOptions {
  /** A command that runs all of it. */
  readonly wrapper?: readonly string[];
  /** Other programs than those of the machine. */
  readonly newer?: { readonly broker: string; readonly launch: string } | undefined;
}

/**
 * Starts dbus-broker as systemd does: its launcher has a listener at `bus` in the directory, and a journal. It takes root,
 * as the journal's socket, and another dbus-broker where one is wanted, are put in place in a mount namespace.
 */
export function startBroker(
  directory: TemporaryDirectory,
  { wrapper = [], newer }: BrokerOptions = {},
): Promise<Service> {
  const [configuration, path] = [directory.file('bus.conf'), directory.file('bus')];
  writeFileSync(configuration, busConfiguration(`unix:path=${path}`));
  const script = [
    'set -e',
    'mkdir -p /run/systemd',
    'mount -t tmpfs tmpfs /run/systemd',
    'mkdir /run/systemd/journal',
    // Whatever it says is thrown away
    'socat -u UNIX-RECV:/run/systemd/journal/socket OPEN:/dev/null &',
    'while [ ! -S /run/systemd/journal/socket ]; do sleep 0.05; done',
    ...(newer === undefined ? [] : [`mount --bind ${newer.broker} "$(command -v dbus-broker)"`]),
    `exec systemd-socket-activate --listen=${path} --setenv=PATH="$PATH" --setenv=XDG_RUNTIME_DIR=${directory.path} --setenv=DBUS_SESSION_BUS_ADDRESS=unix:path=${path} ${newer?.launch ?? 'dbus-broker-launch'} --scope=user --config-file=${configuration}`,
  ];
  return Service.start([...wrapper, 'unshare', '--mount', 'sh', '-c', script.join('\n')], { listensAt: path });
}
