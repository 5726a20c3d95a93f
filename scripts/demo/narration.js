/** What the demonstration says itself; everything else is what peerpid prints. */
export function tell(text) {
  process.stdout.write(`\n${text}\n`);
}

/** The command that is run next. */
export function prompt(command) {
  process.stdout.write(`\n$ ${command}\n`);
}

/** Fails where something is not as it was told. */
export function expect(what, actual, wanted) {
  if (actual !== wanted) throw new Error(`it was to be seen that ${what}: ${wanted}, but it was ${actual}`);
}
