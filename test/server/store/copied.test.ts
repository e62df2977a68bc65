/** What a copy of the folder says without its keys to an agency that has the file of people, line by line. */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodePage } from '../../../server/store/keyPages.ts';
import { openSoftwareKeys } from '../../../server/store/keys.ts';
import { rawKey } from '../../../server/store/level.ts';
import { RowSeal } from '../../../server/store/record.ts';
import type { VaultEntry } from '../../../server/store/vault.ts';
import { type CopiedRow, copiedRows, joinedRows, rowsWith, wordsIn } from '../../privacy/copiedFolder.ts';
import { removeTemporaryFolders, temporaryFolder } from './folder.ts';
import { AGENCY, allTables, openPeople } from './people.ts';

const LINES = 1_000;
/** As many as a file is read in at once. */
const A_PART = 200;
/** Lines of a part that chance alone puts in their places: one in the mean; of all parts more than this once in a million. */
const BY_CHANCE_AT_MOST = 18;

/** Names of all lengths that there are, the same in every run. */
function personOf(line: number) {
  const noise = createHash('sha256').update(`line ${line}`).digest('hex');
  return { fullName: `Synthetic ${noise.slice(0, 4 + (line % 31))}`, nationalId: `EX-${noise.slice(0, 12)}` };
}

describe('a copied folder without its keys', function () {
  this.timeout(120_000);
  after(removeTemporaryFolders);

  const folder = temporaryFolder();
  const ids: string[] = [];
  /** By the table, where the row of each line truly lies. */
  const truth = new Map<string, string[]>();
  /** Of each page that holds keys of people's records, whose: only who has the keys can tell. */
  const peopleOfPages: Set<string>[] = [];
  let rows: CopiedRow[] = [];

  /** As they stand, without what they were before. */
  function newestPages(): CopiedRow[] {
    const pages = new Map<string, CopiedRow>();
    for (const row of rows.filter(({ table }) => table === 'pages'))
      if (row.sequence >= (pages.get(row.name)?.sequence ?? 0n)) pages.set(row.name, row);
    return [...pages.values()].filter(({ value }) => value.length > 0);
  }

  before(async () => {
    const people = await openPeople(folder);
    const subjects: string[] = [];
    for (let from = 0; from < LINES; from += A_PART) {
      const lines = Array.from({ length: A_PART }, (_, i) => personOf(from + i));
      const newcomers = await Promise.all(
        lines.map(({ nationalId }) =>
          people.subjects.newcomer(AGENCY, [{ scheme: 'national-id', id: nationalId }], undefined, {
            sector: 'aid',
            epoch: 1,
          }),
        ),
      );
      const entries = newcomers.map(
        ({ subject }, i): VaultEntry => ({
          ...{ subject, agency: AGENCY, type: 'person', group: '', id: 'self' },
          record: lines[i] ?? personOf(0),
        }),
      );
      await people.vault.put(entries, newcomers);
      subjects.push(...newcomers.map(({ subject }) => subject));
      ids.push(...newcomers.flatMap(({ subject, lookups }) => [subject, ...lookups]));
    }
    const seal = new RowSeal(await openSoftwareKeys(join(folder, 'keys')).integrityKey());
    const tables = new Map(allTables(people).map(([, table]) => [table.name, table]));
    for (const [name, keyOf] of [
      ['subjects', (subject: string) => subject],
      ['vault', (subject: string) => `${subject}/${AGENCY}/person//self`],
    ] as const) {
      const table = tables.get(name);
      if (table === undefined) throw new Error('a table of people');
      truth.set(
        name,
        subjects.map((subject) => seal.placeOf(table, keyOf(subject)).slice(name.length + 2)),
      );
    }
    await people.close();
    rows = copiedRows(folder);
    for (const { table, name, value } of newestPages()) {
      const opened = seal.open(rawKey(table, name), value);
      if (!opened?.key.startsWith('vault/')) continue;
      const { depth, keys } = decodePage(opened.payload);
      if (depth === 0) peopleOfPages.push(new Set(keys.map((key) => key.split('/')[0] ?? '')));
    }
  });

  it('is read whole by the test, which knows where each line lies', () => {
    for (const [table, places] of truth) {
      const names = new Set(rows.filter((row) => row.table === table).map(({ name }) => name));
      expect(
        places.filter((place) => !names.has(place)),
        table,
      ).to.deep.equal([]);
    }
  });

  it('has no row that names anybody, or that says which other row it belongs to', () => {
    const words = wordsIn(ids.join(' '));
    expect(words.size).to.be.at.least(2 * LINES);
    const [named, joined] = [rowsWith(words, rows).length, joinedRows(rows)];
    console.log(
      `      keyless copy | ${rows.length} rows | ${named} with an id of ${LINES} people, ${joined} joined`,
    );
    expect([named, joined]).to.deep.equal([0, 0]);
  });

  it('has no line’s row in the line’s place, whatever order is looked at', () => {
    for (const [table, places] of truth) {
      const own = rows.filter((row) => row.table === table);
      const byTime = own.toSorted((one, other) => Number(one.sequence - other.sequence));
      const byName = own.toSorted((one, other) => (one.name < other.name ? -1 : 1));
      const bySize = own.toSorted((one, other) => one.value.length - other.value.length);
      for (const [order, sorted] of Object.entries({ byTime, byName, bySize })) {
        const named = sorted.filter(({ name }, line) => places[line] === name).length;
        console.log(`      keyless copy | ${table} ${order} | ${LINES} tried | ${named} named`);
        expect(named, `${table} ${order}`).to.be.at.most(BY_CHANCE_AT_MOST);
      }
    }
  });

  it('has no row of a person that is alone in its size', () => {
    for (const table of truth.keys()) {
      const sizes = new Map<number, number>();
      for (const { value } of rows.filter((row) => row.table === table))
        sizes.set(value.length, (sizes.get(value.length) ?? 0) + 1);
      const least = Math.min(...sizes.values());
      console.log(`      keyless copy | ${table} | ${sizes.size} sizes | the rarest has ${least} rows`);
      expect(least, table).to.be.at.least(11);
    }
  });

  it('has pages of the order of keys that are all of one length, and none of few people', () => {
    const pages = newestPages();
    expect(new Set(pages.map(({ value }) => value.length)).size).to.equal(1);
    const counts = peopleOfPages.map(({ size }) => size).sort((one, other) => one - other);
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    console.log(
      `      keyless copy | ${pages.length} pages | ${counts.length} of the vault: ${counts[0]} people at least, ${mean.toFixed(0)} in the mean`,
    );
    expect(counts.length).to.be.greaterThan(10);
    expect(counts[0]).to.be.at.least(11);
  });

  it('has nothing left in a log, where what was written together stands together', () => {
    for (const store of ['precious', 'keyStore']) {
      const logs = readdirSync(join(folder, store)).filter((name) => name.endsWith('.log'));
      expect(logs.map((name) => statSync(join(folder, store, name)).size)).to.deep.equal([0]);
    }
  });
});
