/** Debian's archive, in an apt of its own: other suites, and its own lists, below the cache. Nothing of the machine's is written. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { debianSource } from './apt-source.js';
import type { Architecture } from './architecture.js';
import { NotReadyError } from './not-ready.js';

/** From the oldest that has kernels of interest to what is being prepared. */
const suites = ['bookworm', 'bookworm-backports', 'trixie', 'trixie-backports', 'sid', 'experimental'];

/** A package of one version. */
export interface Package {
  readonly name: string;
  readonly version: string;
}

/** Looks into, and takes from, an archive whose signatures apt has checked. */
export class Archive {
  readonly #options: readonly string[];

  private constructor(
    private readonly directory: string,
    readonly architecture: Architecture,
  ) {
    const options = {
      'APT::Architecture': architecture.name,
      // Not also those of which this machine's dpkg takes packages
      'APT::Architectures': architecture.name,
      'Dir::State': join(directory, 'state'),
      'Dir::State::status': join(directory, 'status'),
      'Dir::Cache': join(directory, 'cache'),
      // Container images turn these off, and then each question takes seconds
      'Dir::Cache::pkgcache': 'pkgcache.bin',
      'Dir::Cache::srcpkgcache': 'srcpkgcache.bin',
      'Dir::Etc::sourcelist': join(directory, 'kernels.sources'),
      'Dir::Etc::sourceparts': '/dev/null',
      'APT::Get::AllowUnauthenticated': 'false',
      'Acquire::AllowInsecureRepositories': 'false',
      'Acquire::Languages': 'none',
      // A signature that cannot be checked is no mere warning
      'APT::Update::Error-Mode': 'any',
    };
    this.#options = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  }

  /**
   * Has apt fetch the lists of packages, as far as they are newer.
   *
   * @param directory - where apt is to keep what it knows
   * @param wanted - which suites
   * @throws NotReadyError when the archive is out of reach, or its signatures are not by a key that this machine trusts
   */
  static open(directory: string, architecture: Architecture, wanted: readonly string[] = suites): Archive {
    const { uri, signedBy } = debianSource();
    for (const part of ['state/lists/partial', 'cache/archives/partial']) {
      mkdirSync(join(directory, part), { recursive: true });
    }
    writeFileSync(join(directory, 'status'), '', { flag: 'a' });
    const lines = ['Types: deb', `URIs: ${uri}`, `Suites: ${wanted.join(' ')}`, 'Components: main'];
    if (signedBy !== undefined) lines.push(`Signed-By: ${signedBy}`);
    writeFileSync(join(directory, 'kernels.sources'), `${lines.join('\n')}\n`);
    const archive = new Archive(directory, architecture);
    archive.#run('apt-get', ['-q', 'update']);
    return archive;
  }

  /** The names of packages that begin like this. */
  names(prefix: string): string[] {
    return this.#run('apt-cache', ['pkgnames', prefix]).split('\n').filter(Boolean);
  }

  /** The packages that one of a suite needs in exactly one version: the parts of a kernel. */
  exactDependencies(name: string, suite: string): Package[] {
    const versions = this.#run('apt-cache', ['madison', name]).split('\n');
    const version = versions
      .find((line) => line.includes(` ${suite}/`))
      ?.split('|')[1]
      ?.trim();
    if (version === undefined) throw new NotReadyError(`${suite} has no ${name}`);
    return dependenciesIn(this.#run('apt-cache', ['show', `${name}=${version}`]));
  }

  /** The newest version of a package, and what it needs in exactly one version. */
  newest(name: string): readonly [Package, ...Package[]] {
    const text = this.#run('apt-cache', ['show', '--no-all-versions', name]);
    return [{ name, version: /^Version: (.*)$/m.exec(text)?.[1] ?? '' }, ...dependenciesIn(text)];
  }

  /** Downloads a package into a directory; apt checks it against the signed lists. */
  download({ name, version }: Package, directory: string): void {
    this.#run('apt-get', ['-q', 'download', `${name}=${version}`], directory);
  }

  /** Downloads packages of a suite, and all that they need. @returns the files */
  downloadWithNeeds(names: readonly string[], suite: string): string[] {
    const flags = ['-q', '-y', '--no-install-recommends', '--download-only', '-t', suite];
    this.#run('apt-get', [...flags, 'install', ...names]);
    const cache = join(this.directory, 'cache/archives');
    return readdirSync(cache)
      .filter((name) => name.endsWith('.deb'))
      .map((name) => join(cache, name));
  }

  #run(program: string, args: readonly string[], cwd = this.directory): string {
    const options = { cwd, encoding: 'utf8', maxBuffer: 2 ** 28, env: { ...process.env, LC_ALL: 'C' } } as const;
    const { status, stdout, stderr, error } = spawnSync(program, [...this.#options, ...args], options);
    if (error !== undefined) throw new NotReadyError(`${program} cannot be run: ${error.message}`);
    if (status === 0) return stdout;
    throw new NotReadyError(`${program} ${args.join(' ')} failed:\n${stderr.trim()}${hint(stderr)}`);
  }
}

function hint(stderr: string): string {
  if (!stderr.includes('NO_PUBKEY')) return '';
  return '\nThis machine’s keyring is older than the keys of these suites: install a newer debian-archive-keyring.';
}

/** `Depends: NAME (= VERSION), …` */
function dependenciesIn(text: string): Package[] {
  const depends = /^Depends: (.*)$/m.exec(text)?.[1] ?? '';
  return [...depends.matchAll(/(\S+) \(= ([^)]+)\)/g)].map(([, name = '', version = '']) => ({ name, version }));
}
