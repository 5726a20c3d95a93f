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
  it('counts the connections of a process that has ended, those without a number too', () => {
    const ended = exitOf({ state: 'exited', exitStatus: { code: 0 } }) as ListenEvent & { event: 'exit' };
    const text = (count: number, moreConnections?: number): string => {
      const connections = Array.from({ length: count }, (_, index) => index + 1);
      const more = moreConnections === undefined ? {} : { moreConnections };
      return listenText({ ...ended, connections, ...more }, context, style);
    };
    const first = '#1 #2 #3 #4 #5 #6 #7 #8 #9 #10 #11 #12 #13 #14 #15 #16';
    assert.match(text(1), / {2}#1 {2}\? 42 ended with status 0\n$/);
    assert.match(text(16), new RegExp(` {2}${first} {2}\\? 42 ended`));
    assert.match(text(256), new RegExp(` {2}${first} \\+ 240 more {2}\\? 42 ended`));
    assert.match(text(256, 44), new RegExp(` {2}${first} \\+ 284 more {2}\\? 42 ended`));
  });

  it('never shows a unit that a user named without the one that the system named', () => {
    const ended = { state: 'exited', exitStatus: { code: 0 }, unit: 'user@1000.service' };
    assert.match(listenText(exitOf(ended), context, style), /, of user@1000\.service\n$/);
    const own = { ...ended, userUnit: 'polkit.service' };
    assert.match(listenText(exitOf(own), context, style), /, of user@1000\.service\/polkit\.service\n$/);
  });
});
