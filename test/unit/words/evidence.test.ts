import assert from 'node:assert/strict';

import { SyscallError } from '../../../native-probe/syscall-error.js';
import { type Step, Witness } from '../../../src/words/evidence.js';
import { mapReading, reading, valueOf } from '../../../src/words/reading.js';

const refusal = new SyscallError('connect', 111, '/run/a: b');
const refuse = (): never => {
  throw refusal;
};
const words = {
  call: () => 'call()',
  answer: (value: number) => `${value}`,
  concluded: (value: number) => (value > 1 ? 'many' : undefined),
  refused: (code: string) => `because ${code}`,
};

describe('Witness', () => {
  it('tells each step as it happens, in order, and keeps them', () => {
    const told: Step[] = [];
    const witness = Witness.recording((step) => told.push(step));
    assert.deepEqual(
      witness.ask(() => 2, words),
      { value: 2 },
    );
    assert.equal(
      witness.require(() => 1, words),
      1,
    );
    witness.conclude('compare', '1 and 2', 'they differ');
    assert.deepEqual(witness.ask(refuse, words), { error: { syscall: 'connect /run/a: b', code: 'ECONNREFUSED' } });
    assert.deepEqual(told, [
      { call: 'call()', answer: '2', concluded: 'many' },
      { call: 'call()', answer: '1' },
      { call: 'compare', answer: '1 and 2', concluded: 'they differ' },
      { call: 'call()', answer: '-1 ECONNREFUSED', concluded: 'because ECONNREFUSED' },
    ]);
    assert.deepEqual(witness.evidence, told);
  });

  it('writes a refusal that ends the work down, and throws the very same on', () => {
    const witness = Witness.recording();
    assert.throws(
      () => witness.require(refuse, words),
      (error) => error === refusal,
    );
    assert.equal(witness.evidence?.[0]?.answer, '-1 ECONNREFUSED');
  });

  it('makes no words when nobody looks', () => {
    const fail = (): never => assert.fail('words were made');
    const silent = { call: fail, answer: fail, concluded: fail, refused: fail };
    const witness = Witness.silent();
    assert.deepEqual(
      witness.ask(() => 1, silent),
      { value: 1 },
    );
    assert.ok('error' in witness.ask(refuse, silent));
    assert.throws(() => witness.require(refuse, silent), SyscallError);
    witness.conclude('a', 'b', 'c');
    assert.equal(witness.evidence, undefined);
  });

  it('lets a bug through', () => {
    const bug = new TypeError('bug');
    const broken = (): never => {
      throw bug;
    };
    const witness = Witness.recording();
    assert.throws(() => witness.ask(broken, words), bug);
    assert.throws(() => witness.require(broken, words), bug);
    assert.deepEqual(witness.evidence, []);
  });
});

describe('reading', () => {
  it('keeps a value, also one that is undefined', () => {
    assert.deepEqual(
      reading(() => undefined),
      { value: undefined },
    );
    assert.equal(valueOf({ value: 3 }), 3);
    assert.equal(valueOf(undefined), undefined);
  });

  it('maps what was read, and passes on why it was not', () => {
    const error = reading<number>(refuse);
    assert.deepEqual(
      mapReading({ value: 3 }, (value) => value + 1),
      { value: 4 },
    );
    assert.equal(
      mapReading(error, () => assert.fail()),
      error,
    );
    assert.equal(valueOf(error), undefined);
  });
});
