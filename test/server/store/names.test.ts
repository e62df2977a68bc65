/** People found by words of their names: by nobody without the keys, not after they are erased, and never by reading everybody. */
import { join } from 'node:path';
import { expect } from 'chai';
import { wordsOfName } from '../../../server/domain/files/sound.ts';
import type { SubjectRef } from '../../../server/domain/people/schema.ts';
import { openSoftwareKeys } from '../../../server/store/keys.ts';
import { findByName, nameTables, nameWordsOf } from '../../../server/store/names.ts';
import { removeTemporaryFolders, tamper, temporaryFolder } from './folder.ts';
import { AGENCY, openPeople, type People, person, personEntry } from './people.ts';

describe('words of names', () => {
  let folder: string;
  let people: People;
  beforeEach(async () => {
    folder = temporaryFolder();
    people = await openPeople(folder);
  });
  afterEach(async () => {
    await people.close();
    removeTemporaryFolders();
  });

  async function enrol(fullName: string, nationalId: string): Promise<SubjectRef> {
    const subject = await people.subjects.enrol(AGENCY, [{ scheme: 'national-id', id: nationalId }]);
    await people.vault.put([personEntry(subject, { ...person, fullName, nationalId })]);
    return subject;
  }
  const find = async (
    name: string,
    agency = AGENCY,
    page: { limit: number; after?: number } = { limit: 9 },
  ) => {
    const keys = openSoftwareKeys(`${folder}/keys`);
    return findByName(people.store, await nameWordsOf(keys, agency, name), page);
  };

  it('are told apart without case, accents and punctuation', () => {
    expect(wordsOfName('  Éléonore  O’Brien-Njeri, njeri', 8)).to.deep.equal([
      'ELEONORE',
      'O',
      'BRIEN',
      'NJERI',
    ]);
    expect(wordsOfName('--', 8)).to.deep.equal([]);
  });

  it('find who has all of them, newest first, in their agency alone', async () => {
    const [first, second] = [await enrol('Amina Marked One', '1'), await enrol('One Amina', '2')];
    expect((await find('amina')).subjects).to.deep.equal([second, first]);
    expect((await find('marked AMINA')).subjects).to.deep.equal([first]);
    expect((await find('amina', AGENCY + 1)).subjects).to.deep.equal([]);
    const page = await find('amina', AGENCY, { limit: 1 });
    expect(page.subjects).to.deep.equal([second]);
    const rest = await find('amina', AGENCY, { limit: 1, ...(page.next && { after: page.next }) });
    expect(rest.subjects).to.deep.equal([first]);
  });

  it('find nobody who was erased, and everybody who was not', async () => {
    const [first, second] = [await enrol('Amina One', '1'), await enrol('Amina Two', '2')];
    await people.vault.put([personEntry(first, { ...person, fullName: 'Amina One', nationalId: '1' })]);
    await people.erasures.erase({
      subject: first,
      group: '',
      ground: 'asked-by-person',
      orderedBy: 'p',
      atMs: 1,
    });
    expect((await find('amina')).subjects).to.deep.equal([second]);
  });

  it('do not say in a copy without keys who shares one, nor how many do', async () => {
    for (let i = 0; i < 6; i++) await enrol(i === 5 ? 'Rare Other' : `Common Other`, String(i));
    await people.close();
    const rows: [string, Uint8Array][] = [];
    await tamper(join(folder, 'precious'), async (level) => {
      for (const { name } of nameTables)
        rows.push(...(await level.iterator({ gte: `!${name}!`, lt: `!${name}"` }).all()));
    });
    people = await openPeople(folder);
    expect(rows).to.have.length(12 + 3);
    expect(
      new Set(rows.map(([place]) => place.split('!')[2]?.length)).size,
      'a name shows its size',
    ).to.equal(1);
    expect(new Set(rows.map(([, { length }]) => length)).size, 'a row shows its size').to.equal(1);
    const parts = rows.flatMap(([place, row]) =>
      [
        Buffer.from(place.split('!')[2] ?? ''),
        ...[1, 33, 65].map((at) => Buffer.from(row.subarray(at, at + 16))),
      ].map((part) => part.toString('hex')),
    );
    expect(new Set(parts).size, 'something of two people is the same').to.equal(4 * rows.length);
    expect(Buffer.concat(rows.map(([, row]) => row)).toString('latin1')).not.to.match(/common|rare|other/i);
  });
});
