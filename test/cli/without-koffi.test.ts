import { assertProblem } from '../helpers/assert-problem.js';

describe('peerpid where koffi cannot be loaded', () => {
  const expected = { status: 1, message: /^koffi, .* cannot be loaded: \S/, hint: /^Install peerpid again/ };
  const options = { env: { NODE_OPTIONS: '--no-addons' } };

  for (const args of [['inspect', '@nobody'], ['doctor'], ['scan', '--no-audit'], ['scan', '--listening']]) {
    it(`says so and ends: ${args.join(' ')}`, () => assertProblem(args, expected, options));
  }
});
