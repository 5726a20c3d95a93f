import assert from 'node:assert/strict';

import type { ListenEvent } from '../../../../src/document/listen-event.js';
import { noNames } from '../../../../src/document/names.js';
import { listenText } from '../../../../src/output/listen/listen-text.js';
import { plain } from '../../../../src/output/style.js';

const context = { names: noNames, ourNamespaces: undefined, compact: true };
const style = plain;

function exitOf(byPidfd: object): ListenEvent {
  return {
    event: 'exit',
    time: '2026-01-01T00:00:00Z',
    connection: 1,
    connections: [1],
    pid: 42,
    byPidfd,
  } as ListenEvent;
}

describe('listenText', () => {
  it('never shows a unit that a user named without the one that the system named', () => {
    const ended = { state: 'exited', exitStatus: { code: 0 }, unit: 'user@1000.service' };
    assert.match(listenText(exitOf(ended), context, style), /, of user@1000\.service\n$/);
    const own = { ...ended, userUnit: 'polkit.service' };
    assert.match(listenText(exitOf(own), context, style), /, of user@1000\.service\/polkit\.service\n$/);
  });
});
