import { fileURLToPath } from 'node:url';

import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Imports point one way: bin -> src/commands -> src -> native-probe -> libc.ts -> koffi. */
function forbid(...groups) {
  const patterns = groups.map(([group, message, allowTypeImports = false]) => ({ group, message, allowTypeImports }));
  return { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] };
}

const koffi = [['koffi'], 'Only native-probe/libc.ts speaks to koffi.'];
const paint = [['chalk', 'cli-table3', 'fast-string-width', 'fast-wrap-ansi'], 'Only src/output draws.'];
const commands = [['**/commands/*', '**/command.js', '**/main.js'], 'Nothing below the commands knows them.'];
const oclif = [['@oclif/*'], 'Only the command line knows oclif.'];

export default defineConfig(
  { ignores: ['build/', 'dist/', 'node_modules/', 'coverage/'] },
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
  {
    files: ['native-probe/**/*.ts'],
    rules: forbid(koffi, paint, oclif, [['**/src/**'], 'native-probe knows nothing of src.']),
  },
  {
    files: ['native-probe/libc.ts'],
    rules: forbid(paint, oclif, [['**/src/**'], 'native-probe knows nothing of src.']),
  },
  { files: ['src/**/*.ts'], rules: forbid(koffi, paint, commands, oclif) },
  {
    files: ['src/commands/*.ts', 'src/cli/**/*.ts'],
    rules: forbid(koffi, paint),
  },
  {
    files: ['src/output/**/*.ts'],
    rules: forbid(koffi, commands, oclif, [['**/native-probe/**'], 'Pure: types only from below.', true]),
  },
  {
    files: ['src/verdict/*.ts'],
    rules: forbid(koffi, paint, commands, oclif, [['**/native-probe/**'], 'Pure: types only from below.', true]),
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.base], languageOptions: { sourceType: 'module' } },
);
