import type { ScanFormat } from '../output/scan/scan-output.js';
import { drawGraph, pictureFor } from './draw-graph.js';
import { replaceFile } from './replace-file.js';

/**
 * `scan --output FILE`: puts a scan into a file. A graph is drawn if the file is to be a picture, by its name.
 *
 * @throws Problem when the file cannot be written, or the picture not drawn
 */
export async function putScanInto(file: string, format: ScanFormat, text: string): Promise<void> {
  const picture = format === 'graph' ? pictureFor(file) : undefined;
  replaceFile(file, picture === undefined ? text : await drawGraph(text, picture));
}
