/** What the machine tells of its tests: one a line, as JSON, on its second serial port. */
export type GuestEvent =
  | { readonly event: 'pass'; readonly title: string; readonly milliseconds: number }
  | { readonly event: 'fail'; readonly title: string; readonly error: string }
  | { readonly event: 'skip'; readonly title: string }
  /** All tests were run. */
  | { readonly event: 'end' };
