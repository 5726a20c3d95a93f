/** Prints what forge() shows, or the problem that it has, as JSON. */
import type { ForgeDocument } from '../../../src/document/forge-document.js';
import { forge } from '../../../src/racing/forge.js';
import { Problem } from '../../../src/words/problem.js';
import { neverLeft } from '../machine/never-left.js';

export interface ForgeOutcome {
  readonly document?: ForgeDocument;
  readonly problem?: Pick<Problem, 'code' | 'message' | 'hint' | 'exitStatus'>;
}

function outcome(): ForgeOutcome {
  try {
    return { document: forge(neverLeft, true) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { code, message, hint, exitStatus } = error;
    return { problem: { code, message, hint, exitStatus } };
  }
}

process.stdout.write(JSON.stringify(outcome()));
