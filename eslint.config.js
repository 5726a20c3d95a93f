import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const root = fileURLToPath(new URL('.', import.meta.url));

/** From the ground up: what stands on a floor imports from its own folder and from the floors below, nothing else. */
const floors = [
  ['native-probe'],
  ['words'],
  ['identity', 'socket'],
  ['verdict'],
  ['inspection'],
  ['document'],
  ['connections'],
  ['doctor', 'racing', 'scanning'],
  ['output'],
  ['listening'],
  ['cli'],
  ['watching', 'tracing', 'buses'],
  ['commands'],
];
/** The library, src/index.ts, knows nothing above this. */
const libraryUpTo = 'document';
/** Pure: from native-probe they take types only. */
const pure = ['verdict', 'connections', 'output'];
/** All of native-probe but two lists of words, by which no call is made. */
const callers = ['**/native-probe/**', '!**/native-probe/socket-kinds.js'];
const knowOclif = ['cli', 'commands'];
/** Other packages, and the one file that imports each. */
const owners = {
  koffi: 'native-probe/libc.ts',
  picomatch: 'src/connections/criteria.ts',
  chalk: 'src/output/style.ts',
  'cli-table3': 'src/output/inspect/inspection-table.ts',
  'fast-string-width': 'src/output/width.ts',
  'fast-wrap-ansi': 'src/output/folded-beside.ts',
};

/** The one file that asks for environment variables, so that a list has them all. */
const environmentFile = 'src/words/environment.ts';

/** An error that nobody looked at may be any: a bug, or a reason that is to be told. */
const bareCatch = {
  selector: 'CatchClause:not([param])',
  message: 'Name the errors that it is for, and throw the others.',
};

const folders = floors.flat();
for (const { name } of readdirSync(`${root}src`, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  if (!folders.includes(name)) throw new Error(`src/${name} stands on no floor of eslint.config.js`);
}

const filesOf = (folder) => (folder === 'native-probe' ? 'native-probe/**/*.ts' : `src/${folder}/**/*.ts`);

/** What a folder may not import: those of its own floor and of the floors above. */
function notBelow(folder) {
  const floor = floors.findIndex((names) => names.includes(folder));
  return floors
    .slice(floor)
    .flat()
    .filter((name) => name !== folder);
}

/** @param file - the one file that is meant, if it owns a package */
function restrict(files, { above, isPure = false, mayOclif = false, file }) {
  const packages = Object.keys(owners).filter((name) => owners[name] !== file);
  if (!mayOclif) packages.push('@oclif');
  const patterns = [
    {
      group: above.map((name) => `**/${name}/**`),
      message: 'Imports run downwards: see the floors in eslint.config.js.',
    },
    { group: ['**/index.js'], message: 'The library is for others.' },
    { group: packages.flatMap((name) => [name, `${name}/*`]), message: 'It has its owner: see eslint.config.js.' },
  ].filter(({ group }) => group.length > 0);
  if (isPure) patterns.push({ group: callers, message: 'Pure: types only.', allowTypeImports: true });
  // The rule for imports does not see import()
  const late = [...above, ...(isPure ? ['native-probe'] : [])].map((name) => `\\/${name}\\/`);
  const forbidden = [...late, ...packages.map((name) => `^${name}(?:\\/|$)`), '\\/index\\.js$'].join('|');
  const selector = `ImportExpression > Literal[value=/${forbidden}/]`;
  return {
    files: [files],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { patterns }],
      'no-restricted-syntax': [
        'error',
        { selector, message: 'Not even late: see the floors in eslint.config.js.' },
        bareCatch,
      ],
    },
  };
}

const ofFolder = (folder) => ({
  above: notBelow(folder),
  isPure: pure.includes(folder),
  mayOclif: knowOclif.includes(folder),
});
const aboveLibrary = floors.slice(floors.findIndex((names) => names.includes(libraryUpTo)) + 1).flat();

const directions = [
  ...folders.map((folder) => restrict(filesOf(folder), ofFolder(folder))),
  ...[...new Set(Object.values(owners))].map((file) => {
    const folder = folders.find((name) => file.startsWith(filesOf(name).replace('**/*.ts', '')));
    return restrict(file, { ...ofFolder(folder), file });
  }),
  restrict('src/index.ts', { above: aboveLibrary }),
];

export default defineConfig(
  { ignores: ['build/', 'dist/', 'node_modules/', 'coverage/', 'release/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      // Numbers are what this program is about
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      // `using _name` is for what its disposal does
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_' }],
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipComments: true, skipBlankLines: true }],
    },
  },
  ...directions,
  {
    files: ['src/**/*.ts', 'native-probe/**/*.ts'],
    ignores: [environmentFile],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: `It is read in ${environmentFile}, which has a list.` },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['bin/**/*.js', 'scripts/**/*.js'],
    rules: { 'no-restricted-syntax': ['error', bareCatch] },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.base], languageOptions: { sourceType: 'module' } },
);
