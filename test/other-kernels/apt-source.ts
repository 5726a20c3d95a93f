/** Where this machine's own apt gets Debian from: sources.list(5). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { NotReadyError } from './not-ready.js';

export interface AptSource {
  readonly uri: string;
  /** A keyring's path; without one apt trusts those in /etc/apt/trusted.gpg.d. */
  readonly signedBy: string | undefined;
}

type Stanza = ReadonlyMap<string, string>;

/** The suites of the archive's main part, not of its updates, which are elsewhere. */
const mainSuite = /^(bookworm|trixie|forky|duke|sid|unstable|testing|(old)*stable)$/;

/** The format deb822: fields by their names, in lower case. A line that begins with a blank belongs to the field above. */
function stanzasOf(text: string): Stanza[] {
  const lines = text.replace(/^#.*\n?/gm, '').replace(/\n[ \t]+/g, ' ');
  return lines.split(/\n\s*\n/).map((stanza) => {
    const fields = stanza.matchAll(/^([\w-]+):[ \t]*(.*)$/gm);
    return new Map([...fields].map(([, name = '', value = '']) => [name.toLowerCase(), value.trim()]));
  });
}

/** A line of the older format: `deb [signed-by=FILE] URI SUITE COMPONENT…`. */
function stanzaOfLine(line: string): Stanza {
  const [, options = '', uris = '', suites = '', components = ''] =
    /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
  const signedBy = /signed-by=(\S+)/i.exec(options)?.[1] ?? '';
  return new Map(Object.entries({ types: 'deb', uris, suites, components, 'signed-by': signedBy }));
}

function stanzasIn(path: string): Stanza[] {
  const text = readFileSync(path, 'utf8');
  return path.endsWith('.sources') ? stanzasOf(text) : text.split('\n').map(stanzaOfLine);
}

function words(stanza: Stanza, field: string): string[] {
  return (stanza.get(field) ?? '').split(/\s+/);
}

/** @throws NotReadyError when apt is not told of Debian here */
export function debianSource(directory = '/etc/apt'): AptSource {
  const parts = join(directory, 'sources.list.d');
  const files = [
    ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : []),
    join(directory, 'sources.list'),
  ].filter((path) => /\.(sources|list)$/.test(path) && existsSync(path));
  const debian = files
    .flatMap(stanzasIn)
    .find(
      (stanza) =>
        words(stanza, 'types').includes('deb') &&
        words(stanza, 'components').includes('main') &&
        words(stanza, 'suites').some((suite) => mainSuite.test(suite)),
    );
  const uri = debian === undefined ? '' : (words(debian, 'uris')[0] ?? '');
  if (uri === '') throw new NotReadyError(`no Debian archive is named in ${directory}: kernels are taken from there`);
  const signedBy = debian?.get('signed-by');
  return { uri, signedBy: signedBy === '' ? undefined : signedBy };
}
