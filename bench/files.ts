/**
 * Row 17 of the table of performance: how long any other request waits while a file is taken, at the most.
 *
 * A gateway of its own takes a map of 100,000 parcels, and then a roll of a million lines that names nobody, which is the
 * dearest of all: every line is looked up, and refused. Health is asked meanwhile from a thread of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openStage, type Stage } from '../scripts/demo/stage.ts';
import { ZERO_32 } from '../server/domain/base/hex.ts';
import { pulseDuring } from './pulse.ts';
import type { Row } from './row.ts';

const PARCELS = 100_000;
const ROLL_LINES = 1_000_000;
const WAIT_MS = 200;
const PROGRAMME = `0x${'17'.repeat(32)}`;
const SIDE = Math.ceil(Math.sqrt(PARCELS));
const DEGREES = 0.001;

/** Neighbours share their borders exactly, as in a cadastre. */
function mapOf(count: number): string {
  const corner = (x: number, y: number) => [30 + x * DEGREES, 1 + y * DEGREES];
  const features = Array.from({ length: count }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const ring = [corner(x, y), corner(x + 1, y), corner(x + 1, y + 1), corner(x, y + 1), corner(x, y)];
    return JSON.stringify({
      type: 'Feature',
      properties: { parcel_no: `B/${i}` },
      geometry: { type: 'Polygon', coordinates: [ring] },
    });
  });
  return `{"type":"FeatureCollection","features":[\n${features.join(',\n')}\n]}`;
}

function rollOf(lines: number): string {
  const rows = Array.from({ length: lines }, (_, i) => `0x${i.toString(16).padStart(64, '0')},1`);
  return ['personId,units', ...rows, ''].join('\n');
}

export async function fileRows(): Promise<Row[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kudurru-bench-files-'));
  const stage = await openStage(path.join(folder, 'stage'));
  try {
    const map = await taken(stage, stage.land.preparer.client, '/parcels?office=1', mapOf(PARCELS));
    await stage.aid.record('/acts/programmes', {
      programme: PROGRAMME,
      currency: 404,
      mostPerRedemptionUnits: 1,
      disputeSeconds: 0,
      leastOpenSeconds: 0,
      mostOfflineSeconds: 0,
      assistedCapUnits: 0,
      emergencyCapUnits: 0,
      policyHash: ZERO_32,
    });
    const declared = `declaredCount=${ROLL_LINES}&declaredUnits=${ROLL_LINES}`;
    const place = `/programmes/${PROGRAMME}/cycles/1/roll?enrolmentEpoch=1&entryBytes=1&${declared}`;
    const roll = await taken(stage, stage.aid.preparer.client, place, rollOf(ROLL_LINES));
    const peakBytes = stage.peakMemoryBytes();
    return [
      row(`another request waits while ${PARCELS.toLocaleString('en')} parcels are taken`, map.worstMs),
      { name: 'parcels taken', value: PARCELS / map.seconds, unit: 'a second, synced and in the index' },
      row(
        `another request waits while ${ROLL_LINES.toLocaleString('en')} lines of a roll are read`,
        roll.worstMs,
      ),
      { name: 'lines of a roll looked up', value: ROLL_LINES / roll.seconds, unit: 'a second' },
      ...(peakBytes === undefined
        ? []
        : [{ name: 'most memory of the gateway meanwhile', value: peakBytes / 2 ** 20, unit: 'MiB' }]),
    ];
  } finally {
    await stage.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function row(name: string, worstMs: number): Row {
  return { name, value: worstMs, unit: 'ms at most', hold: { atMost: WAIT_MS } };
}

/** Also a refusal is an end: of the roll's people nobody is enrolled. */
async function taken(
  { url }: Stage,
  client: Stage['land']['preparer']['client'],
  place: string,
  text: string,
) {
  const file = { bytes: new TextEncoder().encode(text), type: 'application/octet-stream' };
  const started = performance.now();
  const [, { worstMs }] = await pulseDuring(`${url}/health/live`, () =>
    client.ask(place, { method: 'PUT', file }).catch(() => undefined),
  );
  return { worstMs, seconds: (performance.now() - started) / 1_000 };
}
