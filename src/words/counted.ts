/** A number and what is counted: `1 byte`, `2 bytes`. */
export function counted(number: number, what: string, several = `${what}s`): string {
  return `${number} ${number === 1 ? what : several}`;
}
