import type { RaceDocument } from '../document/race-document.js';
import type { CommandStatus, ProblemCode } from '../words/problem.js';
import type { RaceOptions } from './race.js';

/** What the stage's program is given as its one argument, as JSON. */
export type StageOrder = RaceOptions;

/** A line that the stage's program prints, as JSON: `played` any number of times, then one of the others. */
export type StageLine =
  | { readonly played: number }
  | { readonly document: RaceDocument }
  | { readonly refused: { readonly syscall: string; readonly errno: number; readonly subject: string } }
  | {
      readonly problem: {
        readonly code: ProblemCode;
        readonly message: string;
        readonly hint: string;
        readonly exitStatus: CommandStatus;
      };
    };
