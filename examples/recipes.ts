import type { Scene } from './scene.js';
import { addressInUse } from './recipes/address-in-use.js';
import { atNight } from './recipes/at-night.js';
import { connectHangs } from './recipes/connect-hangs.js';
import { containerPid0 } from './recipes/container-pid-0.js';
import { dbus } from './recipes/dbus.js';
import { devLog } from './recipes/dev-log.js';
import { dockerSocket } from './recipes/docker-socket.js';
import { goneClient } from './recipes/gone-client.js';
import { keepsFailing } from './recipes/keeps-failing.js';
import { postgresqlPeer } from './recipes/postgresql-peer.js';
import { socketActivation } from './recipes/socket-activation.js';
import { sshAgent } from './recipes/ssh-agent.js';
import { twoServices } from './recipes/two-services.js';

/** By their names in the page. */
export const recipes: Readonly<Record<string, Scene>> = {
  'docker-socket': dockerSocket,
  'postgresql-peer': postgresqlPeer,
  'ssh-agent': sshAgent,
  'dev-log': devLog,
  'connect-hangs': connectHangs,
  'socket-activation': socketActivation,
  'container-pid-0': containerPid0,
  'two-services': twoServices,
  dbus,
  'address-in-use': addressInUse,
  'keeps-failing': keepsFailing,
  'gone-client': goneClient,
  'at-night': atNight,
};
