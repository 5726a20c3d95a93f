import assert from 'node:assert/strict';

import { limit } from '../../native-probe/calls/patience.js';
import { mostUnanswered } from '../../native-probe/calls/question.js';
import { mostDirectories } from '../../native-probe/cgroup.js';
import { mostHidden } from '../../native-probe/proc/hidden-sockets.js';
import { mostEnvironments } from '../../src/inspection/given-sockets.js';
import { longestStrings } from '../../native-probe/proc/process-strings.js';
import {
  mostChanges,
  mostCredentials,
  mostFollowed,
  mostNames,
  mostUnanswered as mostBusCalls,
  mostValues,
} from '../../src/buses/bus-limits.js';
import { longestEngineAnswer, longestEngineName } from '../../src/cli/ask-engine.js';
import { mostWaiting } from '../../src/listening/passed-closer.js';
import { mostNumbered, mostWatchedAfterwards } from '../../src/listening/server.js';
import { mostOfOne } from '../../src/listening/share.js';
import { mostBoxes } from '../../src/output/scan/graph-choice.js';
import { widestName } from '../../src/output/who.js';
import { widestCell } from '../../src/output/width.js';
import { mostEntries, mostLooks } from '../../src/scanning/bound-file/path-search.js';
import { mostAsked } from '../../src/scanning/in-flight.js';
import { mostInSentence } from '../../src/scanning/process-list.js';
import { longestName } from '../../src/scanning/seen-by/account-names.js';
import { mostAccountBytes } from '../../src/scanning/seen-by/accounts.js';
import { mostGroupsNamed, mostNamed } from '../../src/words/few.js';
import { sanitise } from '../../src/words/sanitise.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import { sectionOf } from '../helpers/pages.js';

/** How many marks on one letter are shown as they are. */
const mostMarks = /^a(\u0301*)/.exec(sanitise(`a${'\u0301'.repeat(100)}`))?.[1]?.length;

/** The numbers of each entry, in its order. */
const bounds: Readonly<Record<string, readonly (number | undefined)[]>> = {
  things: [mostNamed, mostInSentence],
  boxes: [mostBoxes],
  groups: [mostGroupsNamed],
  cells: [widestCell],
  names: [widestName],
  marks: [mostMarks],
  'command lines': [longestStrings],
  environments: [longestStrings, mostEnvironments],
  threads: [mostHidden.threads, mostHidden.descriptors],
  io_urings: [mostHidden.rings],
  queues: [mostAsked],
  'renamed files': [mostLooks, mostEntries],
  accounts: [mostAccountBytes.file, mostAccountBytes.all, longestName],
  engines: [limit / 1000, longestEngineAnswer, longestEngineName],
  cgroups: [mostDirectories],
  questions: [limit / 1000, mostUnanswered],
  ended: [mostWatchedAfterwards],
  connections: [mostNumbered],
  'bus names': [mostNames, mostCredentials, mostValues, mostBusCalls, mostChanges, mostFollowed],
  descriptors: [mostOfOne, mostWaiting],
};

describe('bounds in peerpid.1', () => {
  before(function () {
    requirePrograms(this, 'mandoc');
  });

  it('are those of the program, each with its number', () => {
    const entries = [
      ...sectionOf('man/peerpid.1', 'Bounds').matchAll(/^ {5}(\w[\w ]*?) {2,}([^]*?)(?=\n\n|\n?$(?![^]))/gm),
    ];
    const found = entries.map(([, tag = '', text = '']) => [
      tag,
      [...text.matchAll(/\b\d[\d,]*\b/g)].map(([number]) => Number(number.replaceAll(',', ''))),
    ]);
    assert.deepEqual(Object.fromEntries(found), bounds);
  });
});
