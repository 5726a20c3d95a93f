import assert from 'node:assert/strict';
import { readdirSync, writeSync } from 'node:fs';

import { mostUnanswered, Question } from '../../../../native-probe/calls/question.js';
import { failedWith } from '../../../../native-probe/syscall-error.js';
import { openSocketPair } from '../../../../native-probe/unix-socket.js';
import { waitFor } from '../../../helpers/wait-for.js';

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;
const threads = (): number => readdirSync('/proc/self/task').length;

let asked = 0;

/** Asks for a byte of a socket, by a thread that reads it. */
function askFor(from: number): Question<string> {
  return Question.ask({
    syscall: 'read',
    subject: `${from}, ${asked++}`,
    calls: (into) => [['read', from, into, 1]],
    answer: (written) => written.toString('latin1', 0, 1),
  });
}

describe('a question that another may leave without an answer', () => {
  it('is answered at once by those who answer, and leaves nothing behind', () => {
    const [ours, theirs] = openSocketPair('stream');
    using near = ours;
    using far = theirs;
    const send = (): void => {
      writeSync(far.number, 'x');
    };
    send();
    assert.equal(askFor(near.number).answer(), 'x');
    const before = [openDescriptors(), threads()];
    for (let time = 0; time < 500; time++) {
      send();
      assert.equal(askFor(near.number).answer(), 'x');
    }
    assert.deepEqual([openDescriptors(), threads()], before);
  });

  it('is given up, many in the time of one, and ends when an answer comes all the same', async () => {
    const [ours, theirs] = openSocketPair('stream');
    using near = ours;
    using far = theirs;
    const before = [openDescriptors(), threads()];
    const elapsed = (count: number): number => {
      const start = performance.now();
      const questions = Array.from({ length: count }, () => askFor(near.number));
      for (const question of questions) {
        assert.throws(
          () => question.answer(),
          (error) => failedWith(error, 'ETIMEDOUT'),
        );
      }
      return performance.now() - start;
    };
    const one = elapsed(1);
    assert.ok(elapsed(20) < 10 * one);
    // Past a bound nothing more is asked
    const left = mostUnanswered - 21;
    elapsed(left);
    assert.throws(
      () => askFor(near.number),
      (error) => failedWith(error, 'EBUSY'),
    );
    for (let time = 0; time < mostUnanswered; time++) writeSync(far.number, 'x');
    await waitFor('the threads have ended', () => {
      writeSync(far.number, 'x');
      try {
        askFor(near.number).answer();
      } catch (error) {
        if (!failedWith(error, 'EBUSY')) throw error;
      }
      // One more is kept than was there
      return threads() <= (before[1] ?? 0) + 1 && openDescriptors() === before[0];
    });
  });

  it('can be waited for without holding up the event loop', async () => {
    const [ours, theirs] = openSocketPair('stream');
    using near = ours;
    using far = theirs;
    const question = askFor(near.number);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await question.waitFor(100);
    clearInterval(timer);
    assert.ok(turns > 10);
    assert.throws(
      () => question.answer(),
      (error) => failedWith(error, 'ETIMEDOUT'),
    );
    writeSync(far.number, 'x');
  });
});
