import { readFileSync } from 'node:fs';

import ts from 'typescript';

/** What a module names in its imports and exports, those of types and `import()` among them, as it is written there. */
export function importsOf(path: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(path, 'utf8'), true, true);
  return importedFiles.map(({ fileName }) => fileName);
}
