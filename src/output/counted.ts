/** A number and what is counted: `1 byte`, `2 bytes`. */
export function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
