/**
 * A process that has the wrapping keys go on through months, people coming meanwhile, and says on standard output who was
 * acknowledged, until a crash point ends it. Arguments: folder, instants with commas between.
 */
import { writeSync } from 'node:fs';
import { KeyRotation } from '../../../server/store/keyRotation.ts';
import { AGENCY, openingEntry, openPeople, personEntry } from './people.ts';

const [folder = '', instants = ''] = process.argv.slice(2);
const people = await openPeople(folder, () => Number.parseInt(instants, 10));
await people.keys.toToken();
await people.dataKeys.arrange('keys');

async function enrol(): Promise<void> {
  const subject = await people.subjects.enrol(AGENCY, []);
  await people.vault.put([personEntry(subject), openingEntry(subject, 'unit1.act1')]);
  writeSync(1, `${subject}\n`);
}

for (const instant of instants.split(',')) {
  const rotation = new KeyRotation({
    dataKeys: people.dataKeys,
    keys: people.keys,
    nowMs: () => Number(instant),
  });
  const swept = (async () => {
    while ((await rotation.sweep()) > 0);
  })();
  await Promise.all([swept, enrol()]);
  while ((await rotation.sweep()) > 0);
}
writeSync(1, 'done\n');
await people.close();
