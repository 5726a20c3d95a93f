import type { DoctorDocument, DoctorRow } from '../../document/doctor-document.js';
import { abilityWords, goesBy, seen, serviceLine, whereLine } from './doctor-text.js';

/** The same as Markdown, to be pasted into a bug report: no host names, no colour. */
export function doctorMarkdown(document: DoctorDocument): string {
  const { verdicts, rows, services } = document;
  const lines = [
    escaped(whereLine(document)),
    '',
    ...(verdicts === undefined ? [] : [`**${verdicts.detail}**`, '']),
    '| what | | since | seen |',
    '|---|---|---|---|',
    ...rows.map(rowLine),
  ];
  if (services.length > 0) {
    lines.push('', '| service | goes by | seen |', '|---|---|---|');
    lines.push(
      ...services.map(
        (service) => `| \`${service.id}\` | ${goesBy[service.usesPidfds]} | ${escaped(serviceLine(service))} |`,
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}

function rowLine(row: DoctorRow): string {
  const { id, name, ability, since } = row;
  const word = ability === 'works' ? abilityWords[ability] : `**${abilityWords[ability]}**`;
  return `| \`${id}\` ${escaped(name)} | ${word} | ${since ?? ''} | ${escaped(seen(row))} |`;
}

/** What would end a cell, or begin something else: code, an entity, a link, a formula of GitHub's. */
function escaped(text: string): string {
  return text.replace(/[|<>*_[\]\\`&~$]/g, '\\$&');
}
