import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import { commandNames } from '../../src/cli/typed-words.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import { pages, readRepositoryFile, rendered, repositoryPath } from '../helpers/pages.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

/** Words that a newcomer stumbles over, and those to use instead. */
const banned: readonly (readonly [RegExp, instead: string])[] = [
  [/\bbeliev\w*/i, 'can be trusted'],
  [/\b(?:tells?|telling)\b/i, 'shows, says, distinguishes'],
  // `client-told` is a column
  [/(?<![-\w])told\b/i, 'sees, gets, is shown, is known'],
  [/\bwhom\b/i, 'who; the process that'],
  [/\bof which\b/i, 'whose; that'],
  [/\bif need be\b/i, 'if necessary'],
  [/\blets? (?:it|them)sel(?:f|ves)\b/i, 'can be'],
  [/\b(?:the|its|their|by|has no|whose) numbers?\b(?! of\b)/i, 'PID, inode number, uid'],
  [/\b(?:can|cannot|could|may|to) (?:not )?be had\b/i, 'is possible, is known, is available'],
  [/\bfor want of\b/i, 'because there is no'],
  [/\b(?:leaves?|left|leaving)(?: \S+){1,3} away\b/i, 'omit, leave out'],
  [/\btakes? (?:no |more )?(?:root|privilege|CAP_\w+|the right|write permission)\b/i, 'needs'],
  [/\b(?:is|are) seen to\b/i, 'was seen that'],
  [/\bneed not\b/i, 'may not'],
  [/\b(?:therein|thereof|wherein|whereby|hereby|thereby)\b/i, 'in it, by it'],
  [/\bin there\b/i, 'there'],
  [/\banew\b/i, 'again'],
  [/\bfor ever\b/i, 'forever'],
  [/\bspeaks? of\b/i, 'is about'],
  [/\bmay all\b/i, 'may do all'],
];

/** The words of a text that are banned, each with what is around it. */
function bannedIn(text: string): string[] {
  const line = text.replace(/\s+/g, ' ');
  return banned.flatMap(([word, instead]) =>
    [...line.matchAll(new RegExp(word, 'gi'))].map(
      ({ 0: found, index }) => `"${found}" (rather: ${instead}) in: ${line.slice(Math.max(0, index - 60), index + 60)}`,
    ),
  );
}

/** The sentences of a source file: each string or template that has a blank, `…` for what is filled in. */
function sentencesOf(path: string): string[] {
  const sentences: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) sentences.push(node.text);
    if (ts.isTemplateExpression(node)) {
      sentences.push(node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join(''));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest));
  return sentences.filter((text) => text.includes(' '));
}

/** What a JSON Schema says of each field. */
function descriptionsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'description' && typeof value === 'string' ? [value] : descriptionsOf(value),
  );
}

describe('plain words', () => {
  for (const folder of ['src', 'native-probe']) {
    it(`no sentence of ${folder}/ has a banned one`, () => {
      const root = repositoryPath(folder);
      const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
      const all = files.flatMap((file) => sentencesOf(join(root, file)).map((text) => [file, text] as const));
      assert.ok(all.length > 50, String(all.length));
      assert.deepEqual(
        all.flatMap(([file, text]) => bannedIn(text).map((found) => `${file}: ${found}`)),
        [],
      );
    });
  }

  for (const page of pages()) {
    it(`${page} has no banned one`, function () {
      requirePrograms(this, 'mandoc');
      assert.deepEqual(bannedIn(rendered(page)), []);
    });
  }

  it('README.md has no banned one', () => {
    // But in what a program would type
    const text = readRepositoryFile('README.md').replaceAll(/```[^]*?```|`[^`\n]*`/g, '');
    assert.ok(text.length > 1000);
    assert.deepEqual(bannedIn(text), []);
  });

  for (const command of [[], ...commandNames.map((name) => [name])]) {
    it(`${['peerpid', ...command].join(' ')} --help has no banned one`, async () => {
      const { stdout } = await runPeerpid([...command, '--help']);
      assert.match(stdout, /USAGE/);
      assert.deepEqual(bannedIn(stdout), []);
    });
  }

  it('no description in a JSON Schema has a banned one', () => {
    const all = readdirSync(repositoryPath('dist/schema')).flatMap((name) =>
      descriptionsOf(JSON.parse(readRepositoryFile(`dist/schema/${name}`))),
    );
    assert.ok(all.length > 50, String(all.length));
    assert.deepEqual(all.flatMap(bannedIn), []);
  });

  // What is printed is put together from sentences, and the parts may make a banned one
  for (const args of [
    ['doctor'],
    ['race', '--explain'],
    ['inspect', 'no-such-socket'],
    ['inspect', '--explain', process.execPath],
    ['send', '@peerpid-test-no-such-name', 'x'],
    ['scan', '--columns', 'help'],
    ['scan', '--socket', '@peerpid-test-no-such-name', '--explain'],
    ['listen', '--timeout', '0.1', '--count', '1', '--explain'],
  ]) {
    it(`peerpid ${args.join(' ')} prints no banned one`, async () => {
      const { stdout, stderr } = await runPeerpid(args);
      assert.match(stdout + stderr, /\w/);
      assert.deepEqual(bannedIn(stdout + stderr), []);
    });
  }

  it('are seen', () => {
    const found = bannedIn('Whom this\nis told, by the number of 1 or by number, may be\nbelieved.');
    assert.deepEqual(found.map((one) => /^"([^"]*)"/.exec(one)?.[1]?.toLowerCase()).sort(), [
      'believed',
      'by number',
      'told',
      'whom',
    ]);
  });
});
