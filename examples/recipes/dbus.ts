import { existsSync, mkdirSync, writeFileSync } from 'node:fs';

import type { Scene } from '../scene.js';
import type { Stage } from '../stage.js';

const path = '/run/dbus/system_bus_socket';

const configuration = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=${path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
</busconfig>
`;

/** A system bus where every client looks for it. */
export async function startBus(stage: Stage, pid: number): Promise<void> {
  mkdirSync('/run/dbus');
  writeFileSync('/tmp/bus.conf', configuration);
  const command = ['dbus-daemon', '--config-file=/tmp/bus.conf', '--nofork', '--nopidfile'];
  await stage.program(command, () => existsSync(path), { pid });
}

export const dbus: Scene = {
  needs: ['dbus-daemon', 'dbus-send'],
  async play(stage) {
    await startBus(stage, 791);
    const panel = await stage.actor('panel', { pid: 795, user: 'alice' });
    await panel.do('join-bus', path);
    await panel.leave();
    const ask = 'dbus-send --system --print-reply=literal --dest=org.freedesktop.DBus';
    await stage.type(`${ask} \\\n    / org.freedesktop.DBus.GetConnectionUnixProcessID string::1.0`);
    await stage.type('ps -p 795');
    await stage.type(`peerpid scan ${path}`);
    await stage.type('peerpid bus');
  },
};
