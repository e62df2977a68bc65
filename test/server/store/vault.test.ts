import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { disclose } from '../../../server/disclose.ts';
import type { Address, Bytes32 } from '../../../server/domain/base/hex.ts';
import { SCHEMA, type SubjectRef } from '../../../server/domain/people/schema.ts';
import { json } from '../../../server/store/codec.ts';
import { keyStoreTables } from '../../../server/store/dataKeys.ts';
import { precious } from '../../../server/store/store.ts';
import type { VaultEntry } from '../../../server/store/vault.ts';
import { copiedRows } from '../../privacy/copiedFolder.ts';
import { seeded } from '../../seeded.ts';
import { filesBelow, flipBit, refusedAs, removeTemporaryFolders, tamper, temporaryFolder } from './folder.ts';
import { AGENCY, openingEntry, openPeople, type People, person, personEntry, reading } from './people.ts';

const nationalId = { scheme: 'national-id', id: 'MARKED-77031956' };

describe('the vault', () => {
  let folder: string;
  let people: People;
  let subject: SubjectRef;
  const reopen = async () => {
    await people.close();
    people = await openPeople(folder);
  };
  beforeEach(async () => {
    folder = temporaryFolder();
    people = await openPeople(folder);
    subject = await people.subjects.enrol(AGENCY, [nationalId]);
    await people.vault.put([
      personEntry(subject),
      openingEntry(subject, 'unit1'),
      openingEntry(subject, 'unit2'),
    ]);
  });
  afterEach(() => people.close());
  after(removeTemporaryFolders);

  it('finds a returning person inside one agency only, whatever the spelling of their letters', async () => {
    const other = await people.subjects.enrol(AGENCY, [{ scheme: 'name', id: 'Zoë' }]);
    expect(await people.subjects.find(AGENCY, { scheme: 'name', id: 'Zoe\u0308' })).to.equal(other);
    expect(await people.subjects.find(AGENCY, nationalId)).to.equal(subject);
    expect(await people.subjects.find(AGENCY + 1, nationalId)).to.equal(undefined);
    expect(await refusedAs(people.subjects.enrol(AGENCY, [nationalId]))).to.equal('person-already-known');
    expect(await people.subjects.enrol(AGENCY + 1, [nationalId])).not.to.equal(subject);
  });

  it('enrols people without any document', async () => {
    expect(await people.subjects.enrol(AGENCY, [])).to.match(/^0x[0-9a-f]{64}$/);
  });

  it('makes one subject of one identifier, however many ask at once', async () => {
    const unit = { scheme: 'ba-unit', id: '0x01' };
    const made = await Promise.allSettled(
      Array.from({ length: 20 }, () => people.subjects.enrol(AGENCY, [unit])),
    );
    expect(made.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    const newcomer = await people.subjects.newcomer(AGENCY, [unit, { scheme: 'ba-unit', id: '0x02' }]);
    expect(newcomer.lookups).to.have.length(1);
  });

  it('shows each sector and period another id of the same person (AA5)', async () => {
    const food = await people.subjects.sectorId(subject, 'food', 1);
    expect(await people.subjects.sectorId(subject, 'food', 1)).to.equal(food);
    const others = [
      await people.subjects.sectorId(subject, 'food', 2),
      await people.subjects.sectorId(subject, 'shelter', 1),
    ];
    expect(new Set([food, ...others, subject]).size).to.equal(4);
    expect(await people.subjects.findBySectorId('food', 1, food)).to.equal(subject);
    expect(await people.subjects.findBySectorId('shelter', 1, food)).to.equal(undefined);
  });

  it('keeps the newest version of a record and counts versions', async () => {
    await people.vault.put([personEntry(subject, { ...person, fullName: 'MARKED New Name' })]);
    expect(
      (await people.vault.list(subject, AGENCY)).find(({ type }) => type === 'person')?.version,
    ).to.equal(2);
    const { records } = await disclose(people, { ...reading, types: ['person'] }, subject);
    expect(records[0]?.fields).to.include({ fullName: 'MARKED New Name' });
  });

  it('writes what has a salt once', async () => {
    expect(await refusedAs(people.vault.put([openingEntry(subject, 'unit1', 'another')]))).to.equal('Error');
  });

  it('leaves no marked word in any file of the data folder (BB1)', async () => {
    await disclose(people, reading, subject);
    await people.close();
    const files = filesBelow(folder);
    const marked = ['MARKED', 'Wanjiru', '77031956', '799123456', 'Milimani', '5b'.repeat(16)];
    const needles = marked.flatMap((word) => [
      word,
      Buffer.from(word).toString('hex'),
      Buffer.from(word).toString('base64').slice(0, -4),
    ]);
    const found = files.filter(({ bytes }) =>
      needles.some((needle) => needle.length >= 6 && bytes.includes(needle)),
    );
    expect(found.map(({ path }) => path)).to.deep.equal([]);
    expect(files.some(({ bytes }) => bytes.includes('vault!'))).to.equal(true); // the search can find
    people = await openPeople(folder);
  });

  it('refuses every flipped bit of a sealed record and of its key', async function () {
    this.timeout(60_000);
    const seed = 20260102;
    const { below } = seeded(seed);
    const tried = 60;
    let silentlyWrong = 0;
    for (let turn = 0; turn < tried; turn++) {
      const [part, table] =
        turn % 2 === 0 ? ['precious', 'vault'] : ['keyStore', turn % 4 === 1 ? 'dataKeys' : 'salts'];
      await people.close();
      let place: [string, Uint8Array] = ['', new Uint8Array()];
      await tamper(join(folder, part ?? ''), async (level) => {
        const rows = await level.iterator({ gte: `!${table}!`, lt: `!${table}"` }).all();
        const [key, value] = rows[below(rows.length)] ?? place;
        place = [key, Uint8Array.from(value)];
        await level.put(key, flipBit(value, below(value.length * 8)));
      });
      people = await openPeople(folder);
      const everything = { ...reading, purpose: 'registration' } as const;
      if ((await refusedAs(disclose(people, everything, subject))) !== 'Fault') silentlyWrong++;
      await people.close();
      await tamper(join(folder, part ?? ''), (level) => level.put(...place));
      people = await openPeople(folder);
    }
    console.log(`      sealed bit flips | seed ${seed} | ${tried} tried | ${silentlyWrong} silently wrong`);
    expect(silentlyWrong).to.equal(0);
  });

  it('refuses a sealed record under another person, even one that authenticates as a row', async () => {
    const other = await people.subjects.enrol(AGENCY, []);
    await people.vault.put([personEntry(other, { fullName: 'Somebody Else' })]);
    const rows = precious('vault', json<unknown>());
    const path = (of: SubjectRef) => `${of}/${AGENCY}/person//self`;
    const theirs = await people.store.get(rows, path(other));
    await people.store.transact((tx) => tx.put(rows, path(subject), theirs));
    expect(await refusedAs(disclose(people, { ...reading, types: ['person'] }, subject))).to.equal('erased');
  });

  it('writes no field that nobody classed (DG1)', async () => {
    const sly = { ...person, shoeSize: 44 } as typeof person;
    expect(await refusedAs(people.vault.put([personEntry(subject, sly)]))).to.equal('Error');
    for (const [type, rules] of Object.entries(SCHEMA)) {
      for (const [field, rule] of Object.entries(rules)) {
        expect(rule.purposes, `${type}.${field}`).to.include('own-data');
        expect(rule).to.include.keys('class', 'purposes', 'retention');
      }
    }
  });

  it('does not compile with a field that nobody classed (DG1)', function () {
    this.timeout(30_000);
    const file = join('test', 'server', 'store', 'unclassed.generated.ts');
    const compile = (fields: string) => {
      writeFileSync(
        file,
        `import type { FieldRule, RulesOf } from '../../../server/domain/people/schema.ts';
        interface Stored { readonly name: string; readonly shoeSize?: number }
        declare const rule: FieldRule;
        export const rules: RulesOf<Stored> = { ${fields} };\n`,
      );
      const options =
        '--noEmit --strict --exactOptionalPropertyTypes --target es2024 --lib es2024 --module nodenext';
      const flags = `${options} --allowImportingTsExtensions --skipLibCheck --types node`.split(' ');
      try {
        execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '--ignoreConfig', ...flags, file]);
        return true;
      } catch {
        return false;
      }
    };
    try {
      expect(compile('name: rule, shoeSize: rule')).to.equal(true);
      expect(compile('name: rule')).to.equal(false);
    } finally {
      rmSync(file, { force: true });
    }
  });

  describe('after an erasure', () => {
    const order = { group: '', ground: 'asked-by-person', orderedBy: 'steward-1', atMs: 5 } as const;

    it('cannot read a record whose ciphertext is still there, and neither can a thief of all keys that are left', async () => {
      const keyRows: Buffer[] = [];
      await people.close();
      await tamper(join(folder, 'keyStore'), async (level) => {
        for await (const [key, value] of level.iterator({ gte: '!dataKeys!', lt: '!salts"' })) {
          if (!key.startsWith('!pages!')) keyRows.push(Buffer.from(value.subarray(40)));
        }
      });
      const foundOnDisk = () => {
        const files = filesBelow(join(folder, 'keyStore'));
        return keyRows.filter((row) => files.some(({ bytes }) => bytes.includes(row))).length;
      };
      expect(keyRows).to.have.length(6 + 2);
      expect(foundOnDisk()).to.equal(keyRows.length);
      people = await openPeople(folder);
      await people.erasures.erase({ ...order, subject });
      expect(await people.vault.list(subject, AGENCY)).to.have.length(3);
      expect(await refusedAs(disclose(people, reading, subject))).to.equal('erased');
      expect(await people.subjects.find(AGENCY, nationalId)).to.equal(undefined);
      expect(await refusedAs(people.vault.put([personEntry(subject)]))).to.equal('erased');
      expect(await refusedAs(people.erasures.erase({ ...order, subject }))).to.equal('erased');
      await people.close();
      expect(foundOnDisk()).to.equal(0);
      people = await openPeople(folder);
    });

    it('leaves no key in any file, of a folder whose keys were never out of memory before', async () => {
      await people.erasures.erase({ ...order, subject });
      await people.close();
      const left = () =>
        copiedRows(folder).filter(({ table, value }) => /^(dataKeys|salts)$/.test(table) && value.length > 0);
      expect(left()).to.deep.equal([]);
      people = await openPeople(folder);
      const other = await people.subjects.enrol(AGENCY, [nationalId]);
      await people.vault.put([personEntry(other)]);
      await reopen();
      await people.vault.put([openingEntry(other, 'unit1')]);
      await people.close();
      expect(left()).to.have.length(4 + 1);
      people = await openPeople(folder);
      await people.erasures.erase({ ...order, subject: other });
      await people.close();
      expect(left()).to.deep.equal([]);
      people = await openPeople(folder);
    });

    it('leaves no key in any file, though the keys were being checked meanwhile', async () => {
      await people.vault.put([openingEntry(subject, 'unit3')]);
      const audits = keyStoreTables.map((table) => people.keyStore.audit(table));
      await Promise.all([people.erasures.erase({ ...order, subject }), ...audits]);
      await people.close();
      const left = copiedRows(folder).filter(
        ({ table, value }) => /^(dataKeys|salts)$/.test(table) && value.length > 0,
      );
      expect(left).to.deep.equal([]);
      people = await openPeople(folder);
    });

    it("leaves everybody else's records, and the person's other groups when only one is erased", async () => {
      const other = await people.subjects.enrol(AGENCY, []);
      await people.vault.put([openingEntry(other, 'unit1')]);
      await people.erasures.erase({ ...order, group: 'unit1', subject });
      const openings = { ...reading, types: ['opening'] } as const;
      expect(await refusedAs(disclose(people, openings, subject, { group: 'unit1' }))).to.equal('erased');
      expect((await disclose(people, openings, subject)).records.map(({ group }) => group)).to.deep.equal([
        'unit2',
      ]);
      expect((await disclose(people, openings, other)).records).to.have.length(1);
      expect(await people.vault.report(await people.erasures.coverage())).to.deep.equal({
        records: 4,
        erasedRecords: 1,
        lostRecords: 0,
      });
    });

    it('keeps tombstones in one chain that sees a changed or missing stone', async () => {
      const more = await people.subjects.enrol(AGENCY, []);
      const { access } = await disclose(people, reading, subject);
      const first = await people.erasures.erase({ ...order, subject });
      const second = await people.erasures.erase({ ...order, ground: 'court-order', subject: more });
      expect(second.index).to.equal(2);
      expect(first).to.deep.include({ accessLines: 1, accessHead: access.head });
      expect(first.previous).not.to.equal(second.previous);
      const stones: number[] = [];
      for await (const { index } of people.erasures.tombstones()) stones.push(index);
      expect(stones).to.deep.equal([1, 2]);
      await people.close();
      await tamper(join(folder, 'precious'), async (level) => {
        const [one = ''] = await level.keys({ gte: '!tombstones!', lt: '!tombstones"', limit: 1 }).all();
        await level.del(one);
      });
      expect(await refusedAs(openPeople(folder))).to.equal('Fault');
      await rmSync(folder, { recursive: true });
      people = await openPeople(folder);
    });

    it('erases again what a restored backup of the keys brought back', async () => {
      await people.close();
      const saved: [string, Uint8Array][] = [];
      const keyFolder = join(folder, 'keyStore');
      await tamper(keyFolder, async (level) => {
        for await (const [key, value] of level.iterator()) saved.push([key, Uint8Array.from(value)]);
      });
      people = await openPeople(folder);
      await people.erasures.erase({ ...order, subject });
      await people.close();
      await tamper(keyFolder, (level) =>
        level.batch(saved.map(([key, value]) => ({ type: 'put', key, value }))),
      );
      people = await openPeople(folder);
      expect(
        await people.keyStore.rows({ name: 'dataKeys', order: 'sorted', auditedAtOpen: false }),
      ).to.be.greaterThan(0);
      expect(await people.erasures.finish()).to.equal(1);
      expect(await people.erasures.finish()).to.equal(0);
      expect(
        await people.keyStore.rows({ name: 'dataKeys', order: 'sorted', auditedAtOpen: false }),
      ).to.equal(0);
      await reopen();
      expect(await refusedAs(disclose(people, reading, subject))).to.equal('erased');
    });
  });

  it('counts a record whose key is gone without a tombstone as lost', async () => {
    await people.close();
    await tamper(join(folder, 'keyStore'), async (level) => {
      await level.clear({ gte: '!dataKeys!', lt: '!dataKeys"' });
    });
    people = await openPeople(folder);
    const report = await people.vault.report(await people.erasures.coverage());
    expect(report).to.deep.equal({ records: 3, erasedRecords: 0, lostRecords: 3 });
  });

  it('takes entries of every stored type', async () => {
    const common = { subject, agency: AGENCY, group: '', id: 'x' };
    const bytes = (byte: string, length: number) => `0x${byte.repeat(length)}` as Bytes32 & Address;
    const entries: VaultEntry[] = [
      { ...common, type: 'party', record: { name: 'MARKED Holder', idNumber: 'MARKED-1' } },
      {
        ...common,
        type: 'card',
        record: { programme: bytes('01', 32), keyId: bytes('02', 20), keyKind: 1, cardEpoch: 1 },
      },
      {
        ...common,
        type: 'actOpenings',
        record: {
          act: bytes('03', 32),
          facts: [{ path: 'reason', value: 'MARKED' }],
          salts: [bytes('04', 32)],
        },
      },
    ];
    await people.vault.put(entries);
    const all = { ...reading, purpose: 'own-data', types: ['party', 'card', 'actOpenings'] } as const;
    const { records } = await disclose(people, all, subject);
    expect(records.map(({ fields }) => fields)).to.have.deep.members(entries.map(({ record }) => record));
  });
});
