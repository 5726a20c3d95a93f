import type { Actor } from '../actor.js';
import { commandLines } from '../command-lines.js';
import type { Scene } from '../scene.js';
import { startBus } from '../recipes/dbus.js';
import { startDockerd } from '../recipes/docker-socket.js';
import { createRole, startPostgresql } from '../recipes/postgresql-peer.js';
import { startAgent } from '../recipes/ssh-agent.js';
import type { Stage } from '../stage.js';

/** A desktop on which a client of the bus has ended, left its connection to a child, and its PID to another. */
export const desktop: Scene = {
  needs: ['dbus-daemon', 'initdb', 'postgres', 'psql', 'ssh-agent', 'sleep'],
  columns: 100,
  async play(stage) {
    await startBus(stage, 612);
    await onBus(stage, 'polkitd', 640, 'root');
    await onBus(stage, 'gnome-shell', 1310, 'alice');
    const applet = await onBus(stage, 'applet', 1377, 'alice');
    await applet.leave();
    await stage.program(['sleep', '600'], () => true, { pid: 1377, user: 'bob' });
    const dockerd = await startDockerd(stage, 702);
    const editor = await stage.actor('code', { pid: 1402, user: 'bob' });
    await editor.do('connect', '/run/docker.sock');
    await dockerd.do('accept');
    await startPostgresql(stage, 830);
    createRole('shop');
    const query = ['psql', '-h', '/run/postgresql', '-c', 'select pg_sleep(600)'];
    const isServed = (): boolean => commandLines().some((line) => line.includes('[local] SELECT'));
    await stage.program(query, isServed, { pid: 910, user: 'shop' });
    await startAgent(stage, 1290);
    const ssh = await stage.actor('ssh', { pid: 1455, user: 'alice' });
    await ssh.do('connect', '/run/user/1000/agent');
    await stage.type('peerpid scan');
  },
};

async function onBus(stage: Stage, name: string, pid: number, user: 'root' | 'alice'): Promise<Actor> {
  const client = await stage.actor(name, { pid, user });
  await client.do('join-bus', '/run/dbus/system_bus_socket');
  return client;
}
