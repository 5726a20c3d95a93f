import type { InspectDocument } from '../../document/inspect-document.js';
import type { ProcessDocument } from '../../document/process-document.js';
import type { RaceDocument, RacerDocument, TakenBy } from '../../document/race-document.js';
import { sanitise } from '../../words/sanitise.js';
import { foldedBeside } from '../folded-beside.js';
import type { Style } from '../style.js';
import { pidfdIdText } from '../who.js';

/** Where the second column begins. */
export const valueColumn = 38;

/** What happened in a round, and what the service sees at its end. */
export function raceStory(document: RaceDocument, style: Style): string[] {
  const row = ([label, value]: readonly [string, string]): string =>
    `  ${label.padEnd(valueColumn - 2)}${foldedBeside(value, valueColumn, style)}`;
  const steps = stepsOf(document).map(([label, value], index) => row([`${index + 1}  ${label}`, value]));
  return [...steps, '', 'What the service sees now:', '', ...sightsOf(document).map(row)];
}

const ways: Readonly<Record<TakenBy, string>> = {
  ns_last_pid: 'by ns_last_pid',
  set_tid: 'by clone3(2), set_tid',
};

function stepsOf({ exchange, takenBy }: RaceDocument): (readonly [string, string])[] {
  const { pid, client, impostor } = exchange;
  return [
    ['The client connects.', [`PID ${pid}`, ...pidfdIdText(client)].join(', ')],
    ['The service asks SO_PEERCRED.', `PID ${pid}`],
    ['The client ends, and is reaped.', `PID ${pid} is free`],
    ['An impostor gets the PID.', [`PID ${pid}`, ...pidfdIdText(impostor), ways[takenBy]].join(', ')],
  ];
}

function sightsOf({ exchange }: RaceDocument): (readonly [string, string])[] {
  const { pid, client, impostor, inspection } = exchange;
  const { credential, byPid, byPidfd } = inspection;
  return [
    ['SO_PEERCRED', credential?.pid === pid ? `PID ${pid}, as before` : `PID ${credential?.pid ?? 'none'}`],
    [`command of PID ${pid}`, byPid?.comm === undefined ? 'not known' : sanitise(byPid.comm)],
    [`start time of PID ${pid}`, startText(client, impostor)],
    [`pidfd_open(${pid})`, pinnedText(byPid)],
    ['SO_PEERPIDFD', byPidfd === null ? refusalText(inspection) : pinnedText(byPidfd)],
  ];
}

function startText(client: RacerDocument, impostor: RacerDocument): string {
  if (client.startTicks === undefined || impostor.startTicks === undefined)
    return 'not known: no /proc for the PID namespace';
  const [then, now] = [client.startTicks, impostor.startTicks].map((ticks) => `${(ticks / 100).toFixed(2)} s`);
  return then === now ? `${now} after boot, as before` : `${now} after boot, not ${then}`;
}

function pinnedText(process: ProcessDocument | null): string {
  if (process === null) return 'nobody';
  const ended = process.state === 'exited' ? 'the process has ended' : process.state;
  return [ended, ...pidfdIdText(process)].join(', ');
}

/** Linux 6.5 to 6.15 refuse a pidfd of a process that is reaped, which tells that it is. */
function refusalText({ basis, unavailable }: InspectDocument): string {
  const code = unavailable.find(({ fact }) => fact === 'byPidfd')?.code ?? 'no reason given';
  return basis === 'refusal' ? `refused (${code}), since the process has ended` : `refused (${code})`;
}
