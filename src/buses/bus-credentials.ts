import type { BusEntry, BusValue, Counted } from '../../native-probe/bus/bus-message.js';
import type { Fd } from '../../native-probe/fd.js';

/** GetConnectionCredentials, by what each is: of what came twice the first. */
export interface BusCredentials extends Disposable {
  readonly pid: number | undefined;
  readonly uid: number | undefined;
  readonly groups: { readonly first: readonly number[]; readonly count: number } | undefined;
  readonly securityLabel: Buffer | undefined;
  /** Owned: closed by disposing of this, unless somebody else takes it. */
  readonly pidfd: Fd | undefined;
  readonly others: readonly BusEntry[];
}

/** D-Bus Specification, org.freedesktop.DBus.GetConnectionCredentials */
export function credentialsIn({ first }: Counted<BusEntry>): BusCredentials {
  const known = new Map<string, BusValue>();
  const others: BusEntry[] = [];
  for (const entry of first) {
    const name = entry.name.toString('latin1');
    if (known.has(name) || kindOf[name] !== entry.value.kind) others.push(entry);
    else known.set(name, entry.value);
  }
  const of = <K extends BusValue['kind']>(name: string, kind: K): Extract<BusValue, { kind: K }> | undefined => {
    const value = known.get(name);
    return value?.kind === kind ? (value as Extract<BusValue, { kind: K }>) : undefined;
  };
  const groups = of('UnixGroupIDs', 'numbers');
  return {
    pid: of('ProcessID', 'number')?.value,
    uid: of('UnixUserID', 'number')?.value,
    groups: groups && { first: groups.value, count: groups.count },
    securityLabel: of('LinuxSecurityLabel', 'bytes')?.value,
    pidfd: of('ProcessFD', 'descriptor')?.value,
    others,
    [Symbol.dispose]: () => {
      for (const { value } of first) if (value.kind === 'descriptor') value.value[Symbol.dispose]();
    },
  };
}

const kindOf: Readonly<Partial<Record<string, BusValue['kind']>>> = {
  ProcessID: 'number',
  UnixUserID: 'number',
  UnixGroupIDs: 'numbers',
  LinuxSecurityLabel: 'bytes',
  ProcessFD: 'descriptor',
};
