import { existsSync, readdirSync } from 'node:fs';

/** Those of the programs that are not found where a scene looks for them. */
export function missingPrograms(programs: readonly string[]): string[] {
  const directories = searched().split(':');
  return programs.filter((program) => !directories.some((directory) => existsSync(`${directory}/${program}`)));
}

/** The PATH of a scene, with PostgreSQL's server, which Debian keeps out of it. */
export function searched(): string {
  const system = ['/mnt/bin', '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return [...system, ...postgresqlDirectories()].join(':');
}

function postgresqlDirectories(): string[] {
  const versions = '/usr/lib/postgresql';
  try {
    return readdirSync(versions).map((version) => `${versions}/${version}/bin`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return [];
  }
}
