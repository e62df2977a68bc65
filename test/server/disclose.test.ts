import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { disclose } from '../../server/disclose.ts';
import { verifyProof } from '../../server/domain/acts/merkle.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { headLeaf, isChain } from '../../server/domain/people/access.ts';
import type { SubjectRef } from '../../server/domain/people/schema.ts';
import type { AccessReceipt } from '../../server/store/access.ts';
import { accessTables } from '../../server/store/access.ts';
import { openSoftwareKeys } from '../../server/store/keys.ts';
import { RowSeal } from '../../server/store/record.ts';
import type { VaultEntry } from '../../server/store/vault.ts';
import { refusedAs, removeTemporaryFolders, tamper, temporaryFolder } from './store/folder.ts';
import {
  AGENCY,
  openingEntry,
  openPeople,
  type People,
  person,
  personEntry,
  reading,
} from './store/people.ts';

describe('disclosing a record', () => {
  let folder: string;
  let people: People;
  let subject: SubjectRef;
  beforeEach(async () => {
    folder = temporaryFolder();
    people = await openPeople(folder);
    subject = await people.subjects.enrol(AGENCY, [{ scheme: 'national-id', id: '77031956' }]);
    await people.vault.put([personEntry(subject), openingEntry(subject, 'unit1')]);
  });
  afterEach(() => people.close());
  after(removeTemporaryFolders);

  it('gives the fields of the classes asked for that the purpose allows, and no other', async () => {
    const { records } = await disclose(people, { ...reading, types: ['person'] }, subject);
    expect(records.map(({ fields }) => fields)).to.deep.equal([
      { fullName: person.fullName, nationalId: person.nationalId },
    ]);
    const counted = {
      ...reading,
      purpose: 'statistics',
      classes: ['agency-sensitive'],
      types: ['person'],
    } as const;
    expect((await disclose(people, counted, subject)).records.map(({ fields }) => fields)).to.deep.equal([
      { village: person.village, householdSize: person.householdSize },
    ]);
  });

  it('gives an opening back with its salt', async () => {
    const request = { ...reading, purpose: 'certificate', types: ['opening'] } as const;
    const { records } = await disclose(people, request, subject, { group: 'unit1' });
    expect(records.map(({ fields }) => fields)).to.deep.equal([openingEntry(subject, 'unit1').record]);
    expect((await disclose(people, request, subject, { group: 'unit2' })).records).to.deep.equal([]);
  });

  it('writes who, why and which classes before it, newest first, with count and head (DT1, DT3)', async () => {
    await disclose(people, { ...reading, caseReference: 'A/2024-11' }, subject);
    await disclose(people, { ...reading, onBehalfOf: ZERO_32, transferTo: 8 }, subject);
    const { access } = await disclose(people, { ...reading, purpose: 'case-work' }, subject);
    const page = await people.accessLog.list(subject, 2);
    expect(page.newestFirst.map(({ index }) => index)).to.deep.equal([3, 2]);
    expect(page.newestFirst[1]).to.include({ onBehalfOf: ZERO_32, channel: 'transfer', receiver: 8 });
    expect({ lines: page.lines, head: page.head }).to.deep.equal(access);
    expect(
      (await people.accessLog.list(subject, 2, 2)).newestFirst.map(({ caseReference }) => caseReference),
    ).to.deep.equal(['A/2024-11']);
    const all = (await people.accessLog.list(subject, 10)).newestFirst;
    expect(isChain(all, page)).to.equal(true);
    expect(isChain([...all.slice(0, 1), ...all.slice(2)], page)).to.equal(false);
    expect(
      isChain(
        all.slice(0, 2).map((line) => ({ ...line, actor: 'another' })),
        page,
      ),
    ).to.equal(false);
    expect(JSON.stringify(all)).not.to.contain('MARKED');
  });

  it('proves each head under the root over all people', async () => {
    const other = await people.subjects.enrol(AGENCY, []);
    await disclose(people, reading, subject);
    await disclose(people, reading, other);
    const heads = await people.accessLog.headsTree();
    const leaf = headLeaf(subject, await people.accessLog.head(subject));
    const proof = heads?.tree.proof(heads.placeOf.get(subject) ?? -1);
    expect(heads !== undefined && proof !== undefined && verifyProof(heads.tree.root, leaf, proof)).to.equal(
      true,
    );
    await disclose(people, reading, subject);
    expect((await people.accessLog.headsTree())?.tree.root).not.to.equal(heads?.tree.root);
  });

  it('opens nothing when the line cannot be written', async () => {
    await people.store.close();
    let opened = 0;
    const vault = Object.assign(Object.create(people.vault), { openSealed: () => opened++ });
    expect(await refusedAs(disclose({ ...people, vault }, reading, subject))).to.equal('Fault');
    expect(opened).to.equal(0);
  });

  it('opens once for a line, and never for a receipt the log did not make', async () => {
    const receipt = await people.accessLog.append(subject, {
      ...reading,
      atMs: 1,
      channel: 'view',
      receiver: AGENCY,
      caseReference: undefined,
      onBehalfOf: undefined,
      agreement: undefined,
      hidden: undefined,
    });
    const forged: AccessReceipt = { ...receipt };
    expect(await refusedAs(people.vault.openSealed(forged, {}))).to.equal('Error');
    expect((await people.vault.openSealed(receipt, {})).records).to.have.length(2);
    expect(await refusedAs(people.vault.openSealed(receipt, {}))).to.equal('Error');
  });

  it('gives of somebody with any number of records a page at a time, and refuses them all at once', async function () {
    this.timeout(60_000);
    const wanted = { ...reading, types: ['party'] } as const;
    const records = Array.from({ length: 4_097 }, (_, i): VaultEntry => {
      const group = i < 40 ? `${String(i).padStart(64, '0')}.act` : 'council';
      const record = { name: `Synthetic ${i % 3}` };
      return { subject, agency: AGENCY, type: 'party', group, id: `${i}`, record };
    });
    for (const some of [records.slice(0, 4_000), records.slice(4_000)]) await people.vault.put(some);
    expect(await refusedAs(disclose(people, wanted, subject))).to.equal('records-too-many');
    let turns = 0;
    let isOver = false;
    const turning = (async () => {
      for (; !isOver; turns++) await setImmediate();
    })();
    const seen = new Set<string>();
    let after: string | undefined;
    do {
      const page = { limit: 1_500, after };
      const told = await disclose(people, wanted, subject, { page });
      expect(told.records.length).to.be.at.most(1_500);
      for (const { group, id } of told.records) seen.add(`${group}/${id}`);
      after = told.next;
    } while (after !== undefined);
    isOver = true;
    await turning;
    expect(seen.size).to.equal(4_097);
    expect(turns, 'turns of everybody else').to.be.greaterThan(4_097 / 100);
    const one = await disclose(people, wanted, subject, { group: records[7]?.group ?? '' });
    expect(one.records.map(({ fields }) => fields)).to.deep.equal([{ name: 'Synthetic 1' }]);
  });

  it('refuses before any line what may not be read', async () => {
    const elsewhere = { ...reading, institution: 4 };
    expect(await refusedAs(disclose(people, elsewhere, subject))).to.equal('sharing-agreement-required');
    const purposeless = { ...reading, purpose: 'statistics', types: ['opening'] } as const;
    expect(await refusedAs(disclose(people, purposeless, subject))).to.equal('purpose-not-permitted');
    const talkative = { ...reading, caseReference: 'her name is <b>' };
    expect(await refusedAs(disclose(people, talkative, subject))).to.equal('reference-malformed');
    const stranger = `0x${'00'.repeat(32)}` as SubjectRef;
    expect(await refusedAs(disclose(people, reading, stranger))).to.equal('subject-missing');
    expect((await people.accessLog.head(subject)).lines).to.equal(0);
    await disclose(people, { ...elsewhere, agreement: 'DSA-12' }, subject);
  });

  it('loses no line of people read at the same time', async () => {
    await Promise.all(Array.from({ length: 100 }, () => disclose(people, reading, subject)));
    expect((await people.accessLog.list(subject, 200)).newestFirst).to.have.length(100);
  });

  it('sees a line that was taken out behind its back', async () => {
    for (let turn = 0; turn < 3; turn++) await disclose(people, reading, subject);
    await people.close();
    const seal = new RowSeal(await openSoftwareKeys(join(folder, 'keys')).integrityKey());
    const [lines] = accessTables;
    if (lines === undefined) throw new Error('a table of lines');
    const place = seal.placeOf(lines, `${subject}/${'2'.padStart(16, '0')}`);
    await tamper(join(folder, 'precious'), async (level) => {
      expect(await level.get(place)).not.to.equal(undefined);
      await level.del(place);
    });
    people = await openPeople(folder);
    expect(await refusedAs(people.accessLog.list(subject, 10))).to.equal('Fault');
  });

  it('is the only caller of what opens a sealed record', () => {
    const sources = readdirSync('server', { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const callers = sources.filter((name) =>
      /\bopenSealed\b/.test(readFileSync(join('server', name), 'utf8')),
    );
    expect(callers.sort()).to.deep.equal(['disclose.ts', 'store/vault.ts']);
  });
});
