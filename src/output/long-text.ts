/** What may be longer than a terminal: all there is to say, and what it sums up to. Each ends with a line feed, or is empty. */
export interface LongText {
  readonly body: string;
  readonly summary: string;
}

/** As it is printed without a pager. */
export function inOneText({ body, summary }: LongText): string {
  return parted(body, summary);
}

/** As a pager shows it, of which the end may not be seen. */
export function summaryFirst({ body, summary }: LongText): string {
  return parted(summary, body);
}

/** With an empty line between two texts. */
function parted(one: string, other: string): string {
  return one === '' || other === '' ? one + other : `${one}\n${other}`;
}
