import { gravity, gravityOf } from '../../verdict/gravity.js';
import { type GraphEdge, notAsked } from './graph-nodes.js';

export const grey = '"#666666"';
export const orange = '"#a65c00"';
const red = '"#b00020"';

/** How an edge is drawn: also by its line, for who does not tell colours apart. They are dark enough to be read on white. */
export const edgeStyles = {
  pinned: { color: '"#1b7f3b"', style: undefined, isTold: false, words: 'pinned: the PID can be trusted' },
  another: {
    ...{ color: red, style: 'dashed', isTold: true },
    words: 'contradicted or recycled: the PID names another process, or something stands between',
  },
  doubtful: {
    ...{ color: orange, style: 'dashed', isTold: true },
    words: 'exited, foreign or unpinned: the PID cannot be trusted',
  },
  calm: {
    ...{ color: grey, style: 'dashed', isTold: true },
    words: 'the PID cannot be trusted, and nobody is known to go by it',
  },
  none: { color: grey, style: 'dotted', isTold: false, words: 'none: there is no PID to trust' },
  notAsked: { color: grey, style: undefined, isTold: false, words: 'nobody asked whether the PID can be trusted' },
} as const;
export type EdgeStyle = keyof typeof edgeStyles;

export function styleOf({ verdict, deceives }: Pick<GraphEdge, 'verdict' | 'deceives'>): EdgeStyle {
  if (verdict === notAsked) return 'notAsked';
  if (!deceives) return verdict === 'pinned' || verdict === 'none' ? verdict : 'calm';
  return gravityOf(verdict) <= gravity.recycled ? 'another' : 'doubtful';
}
