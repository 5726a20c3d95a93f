import assert from 'node:assert/strict';

import { ConnectionFacts, processesIn } from '../../../../src/connections/connection-facts.js';
import { connectionsOf } from '../../../../src/connections/connections.js';
import type { Selection } from '../../../../src/connections/selection.js';
import type { ScannedSocketDocument } from '../../../../src/document/scan-document.js';
import { parseColumns } from '../../../../src/output/scan/chosen-columns.js';
import { scanCsv } from '../../../../src/output/scan/scan-fields.js';

function selectionOf(addresses: readonly string[]): Selection {
  const sockets = addresses.map((address, inode): ScannedSocketDocument => ({
    inode,
    address,
    type: 'stream',
    state: 'listening',
    holders: [],
    findings: [],
    unavailable: [],
  }));
  const document = { sockets, processes: [], networkNamespaces: [] } as unknown as Selection['document'];
  const facts = new ConnectionFacts(processesIn(document), () => undefined);
  return { document, connections: connectionsOf(sockets), facts, nothingNamed: false };
}

describe('scanCsv', () => {
  const columns = parseColumns('address');
  const addresses = ['=1+1', '+1', '-1', '-', '@name', ' @name', "'", "'=1", '/run/a=b', '"=1', '=a,"b"'];
  const linesOf = (noFormulas: boolean): Set<string> => {
    const text = scanCsv(selectionOf(addresses), { header: false, columns, noFormulas });
    return new Set(text.trimEnd().split('\n'));
  };

  it('has fields as they are in the table', () => {
    const fields = ['=1+1', '+1', '-1', '-', '@name', ' @name', "'", "'=1", '/run/a=b', '"""=1"', '"=a,""b"""'];
    assert.deepEqual(linesOf(false), new Set(fields));
  });

  it('has none that a spreadsheet takes for a formula, where none is wanted', () => {
    const fields = ["'=1+1", "'+1", "'-1", '-', "'@name", "' @name", "''", "''=1", '/run/a=b', '"""=1"', `"'=a,""b"""`];
    assert.deepEqual(linesOf(true), new Set(fields));
  });
});
