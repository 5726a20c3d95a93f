import type { Scene } from '../scene.js';
import { Traced } from '../traced.js';
import { startDockerd } from './docker-socket.js';

const socket = '/run/docker.sock';
const file = '/tmp/night';
const program = `select(.event == "connect") | [.time[11:19], .result,\n    .client.comm, .client.user.name, .client.unit // "-"] | join("  ")`;

export const atNight: Scene = {
  needs: ['jq'],
  async play(stage) {
    await startDockerd(stage, 841);
    const backup = await stage.actor('backup', { pid: 845 });
    const runner = await stage.actor('ci-runner', { pid: 849, user: 'bob' });
    const web = await stage.actor('web', { pid: 853, user: 'www-data' });
    const command = `peerpid trace --json --user '!alice' ${socket}`;
    const tracing = await Traced.begin(stage, `${command} >${file}`, { file });
    await backup.do('connect', socket);
    await runner.do('connect', socket);
    await web.fails('connect', socket);
    await tracing.interrupt();
    await stage.type(`jq -r '${program}' ${file}`);
  },
};
