import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { disclose } from '../../server/disclose.ts';
import { verifyProof } from '../../server/domain/acts/merkle.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { headLeaf, isChain } from '../../server/domain/people/access.ts';
import type { SubjectRef } from '../../server/domain/people/schema.ts';
import type { AccessReceipt } from '../../server/store/access.ts';
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
    expect(await people.vault.openSealed(receipt, {})).to.have.length(2);
    expect(await refusedAs(people.vault.openSealed(receipt, {}))).to.equal('Error');
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
    await tamper(join(folder, 'precious'), (level) =>
      level.del(`!accessLines!${subject}/${'2'.padStart(16, '0')}`),
    );
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
