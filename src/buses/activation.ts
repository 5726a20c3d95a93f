import { openFile } from '../../native-probe/fd.js';
import { readRegularFile } from '../../native-probe/regular-file.js';
import { uapi } from '../../native-probe/uapi.js';
import { environment } from '../words/environment.js';
import { reading } from '../words/reading.js';
import { textOf } from '../words/text.js';

/** Which bus was asked: of one by its address nobody knows where it has its services from. */
export type BusKind = 'system' | 'session' | 'other';

/** Bytes of a file: they have some hundred. */
const mostBytes = 65_536;

/** dbus-daemon(1), standard_system_servicedirs and standard_session_servicedirs. The first that has the file counts. */
function directories(kind: BusKind): readonly string[] {
  if (kind === 'other') return [];
  const runtime = environment('XDG_RUNTIME_DIR');
  const below = kind === 'system' ? 'system-services' : 'services';
  const own = kind === 'system' ? ['/etc', '/run'] : runtime === undefined ? [] : [runtime];
  return [...own, '/usr/local/share', '/usr/share', ...(kind === 'system' ? ['/lib'] : [])].map(
    (parent) => `${parent}/dbus-1/${below}`,
  );
}

/** Who would be started for a name, in words; undefined where no file of the standard directories says it. */
export function whoWouldStart(name: string, kind: BusKind): string | undefined {
  for (const directory of directories(kind)) {
    const path = `${directory}/${name}.service`;
    const text = reading(() => {
      using file = openFile(path, uapi.O_PATH);
      return textOf(readRegularFile(file, mostBytes, path));
    });
    if ('error' in text) continue;
    const value = (key: string): string | undefined => new RegExp(`^${key}=(.*)$`, 'm').exec(text.value)?.[1];
    const [unit, program, user] = [value('SystemdService'), value('Exec'), value('User')];
    // With systemd(1) the unit is started, and the program is not
    const what = unit === undefined ? program : `the unit ${unit}, or without systemd ${program ?? 'nothing'}`;
    if (what === undefined) continue;
    return `${what}${user === undefined ? '' : ` as ${user}`} (${path})`;
  }
  return undefined;
}
