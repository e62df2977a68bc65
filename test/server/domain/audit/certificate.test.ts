/**
 * Certificates whole, bent in every byte, and false on purpose: on a real embedded ledger and under headers that
 * throw-away validators sealed.
 */
import { expect } from 'chai';
import { commitFacts } from '../../../../server/domain/acts/facts.ts';
import {
  type Certificate,
  readCertificate,
  writeCertificate,
} from '../../../../server/domain/audit/certificate.ts';
import type { TrustFile } from '../../../../server/domain/audit/trust.ts';
import {
  type CurrentAnswer,
  certificateSlots,
  type No,
  verifyCertificate,
} from '../../../../server/domain/audit/verifyCertificate.ts';
import { type Address, type Bytes32, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import type { SpatialUnitId } from '../../../../server/domain/base/terms.ts';
import type { Title } from '../../../../server/domain/land/acts.ts';
import { stateHash } from '../../../../server/domain/land/hashes.ts';
import { assembleTitle } from '../../../../server/domain/land/registration.ts';
import { codeOf } from '../../../chain/recorded.ts';
import {
  codes,
  draft,
  drafts,
  facts,
  forge,
  type Plan,
  random,
  show,
  tryEdits,
  withSlot,
} from '../../../land/forgedCertificate.ts';
import { changeOf, perform, register } from '../../../land/landActs.ts';
import { certify, trustOf } from '../../../land/landCertificate.ts';
import { type LandLedger, openLandLedger } from '../../../land/landLedger.ts';
import { LATER } from '../../../land/landScene.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

const reread = (certificate: Certificate) => readCertificate(writeCertificate(certificate));

describe('a certificate under sealed headers', function () {
  this.timeout(120_000);
  const title = assembleTitle(draft());
  const slots = certificateSlots(title.baUnit);

  it('is intact and anchored by the trust file alone, and not asked whether it is current', async () => {
    const { trust, certificate } = await forge({ title });
    const verdicts = verifyCertificate(trust, reread(certificate));
    expect(codes(verdicts)).to.deep.equal(['yes', 'yes', 'not-asked']);
    expect(verdicts.anchored).to.include({ restsOn: 'genesis', finality: 'sealed', phase: 'founding' });
    const seated = await forge({ title, isSeated: true });
    const { anchored } = verifyCertificate(seated.trust, seated.certificate);
    expect(anchored).to.include({ phase: 'seated' });
    expect(anchored).to.deep.include({ cautions: ['cannot-outlive-a-member'] });
  });

  it('shows that nothing is registered against the title, or does not say', async () => {
    const { charges, notices, applications, responsibilities } = (await forge({ title })).certificate.state;
    expect([charges, notices, applications]).to.deep.equal([[], [], []]);
    expect(responsibilities).to.match(/^0x[0-9a-f]{64}$/);
  });

  it('of a chain of two headers that somebody made alone is refused by name', async () => {
    const { trust } = await forge({ title });
    const own = await forge({ title, validators: 'stranger' });
    expect(codes(verifyCertificate(trust, own.certificate))).to.deep.equal([
      'yes',
      'lineage-not-from-genesis',
      'not-asked',
    ]);
    const elsewhere = { ...own.trust, genesisHash: trust.genesisHash };
    expect(codes(verifyCertificate(elsewhere, own.certificate))[1]).to.equal('lineage-not-from-genesis');
  });

  const false_: readonly (readonly [code: string, what: string, plan: Partial<Plan>])[] = [
    [
      'register-frozen',
      'a register that was frozen',
      { bend: withSlot(2, slots.landRegistry[0], 9n << 96n) },
    ],
    [
      'unit-not-registered',
      'a unit that is not registered',
      { bend: withSlot(2, slots.landRegistry[1], 0n) },
    ],
    [
      'certificate-state-differs',
      'a state that is another',
      { bend: withSlot(2, slots.landRegistry[1], 7n) },
    ],
    [
      'register-not-in-force',
      'a register that the Charter does not name',
      { bend: withSlot(0, slots.charter[1], 7n) },
    ],
    ['contract-differs', 'a consortium without authority', { bend: withSlot(0, slots.charter[0], 7n) }],
    [
      'proof-value-malformed',
      'an authority that is no address',
      { bend: withSlot(0, slots.charter[0], 1n << 170n) },
    ],
    [
      'contract-code-differs',
      'a register of other code',
      { bend: (all) => all.map((account, i) => (i === 2 ? { ...account, codeHash: ZERO_32 } : account)) },
    ],
    [
      'contract-code-differs',
      'a consortium of other code',
      { bend: (all) => all.map((account, i) => (i === 1 ? { ...account, codeHash: ZERO_32 } : account)) },
    ],
  ];
  for (const [code, what, plan] of false_) {
    it(`of ${what} is not anchored: ${code}`, async () => {
      const { trust, certificate } = await forge({ title, ...plan });
      expect(codes(verifyCertificate(trust, certificate))).to.deep.equal(['yes', code, 'not-asked']);
    });
  }

  it('is not current where a node proves that its register is frozen or succeeded', async () => {
    const { trust, certificate, answer } = await forge({ title });
    const verdictOn = (current: CurrentAnswer) => codes(verifyCertificate(trust, certificate, { current }));
    expect(verdictOn(answer)).to.deep.equal(['yes', 'yes', 'yes']);
    const frozen = await forge({ title, bend: withSlot(2, slots.landRegistry[0], (9n << 96n) | 5n) });
    expect(verdictOn(frozen.answer)).to.deep.equal(['yes', 'yes', 'register-frozen']);
    const succeeded = await forge({ title, bend: withSlot(0, slots.charter[1], 9n) });
    expect(verdictOn(succeeded.answer)).to.deep.equal(['yes', 'yes', 'register-not-in-force']);
    const unproved = { ...answer, landRegistry: frozen.answer.landRegistry };
    expect(verdictOn(unproved)[2]).to.equal('proof-node-mismatched');
  });

  it('names a consortium that the trust file does not know as not proved', async () => {
    const { trust, certificate } = await forge({ title });
    const consortium = { ...trust.contracts.consortium, address: `0x${'ab'.repeat(20)}` as Address };
    const other = { ...trust, contracts: { ...trust.contracts, consortium } };
    expect(verifyCertificate(other, certificate).anchored).to.include({
      verdict: 'yes',
      phase: 'not-proved',
    });
  });

  it('with another fact, a hidden commitment or a fact twice is not intact, and still anchored', async () => {
    const { trust, certificate } = await forge({ title });
    const [first, second, third] = certificate.facts;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three facts');
    const bent: readonly (readonly [string, Certificate])[] = [
      ['fact-not-committed', { ...certificate, facts: [{ ...first, value: 'KAJ/218' }, second] }],
      ['fact-not-committed', { ...certificate, facts: [{ ...first, of: 'holding/2' }] }],
      ['fact-not-committed', { ...certificate, facts: [{ ...third, value: third.value.normalize('NFD') }] }],
      ['fact-without-commitment', { ...certificate, facts: [{ ...first, of: 'right/1' }] }],
      ['fact-without-commitment', { ...certificate, facts: [{ ...first, of: 'restriction/9' }] }],
      ['fact-repeated', { ...certificate, facts: [first, first] }],
    ];
    for (const [code, one] of bent) {
      expect(codes(verifyCertificate(trust, reread(one)))).to.deep.equal([code, 'yes', 'not-asked']);
    }
  });

  it('says which facts it leaves out, and how many there are where one is shown', async () => {
    const { trust, certificate } = await forge({ title });
    const factsOf = (one: Certificate) => {
      const { intact } = verifyCertificate(trust, reread(one));
      return intact.verdict === 'yes' ? intact.facts : [];
    };
    const all = factsOf(certificate);
    expect(all.map(({ of }) => of)).to.include.members(certificate.facts.map(({ of }) => of));
    const [left, ...shown] = certificate.facts;
    const [before, after] = [certificate, { ...certificate, facts: shown }].map((one) =>
      factsOf(one).find(({ of }) => of === left?.of),
    );
    expect(after?.shown).to.equal((before?.shown ?? 0) - 1);
    const none = factsOf({ ...certificate, facts: [] });
    expect(none.every(({ shown: count, all: known }) => count === 0 && known === undefined)).to.equal(true);
    expect(none.length).to.equal(all.length);
  });

  it('whose facts have paths that are written like numbers shows each of them', async () => {
    const paths = ['0', '1', '10', '2', '1/0', 'one'];
    const set = commitFacts(paths.map((path) => ({ path, value: path, salt: drafts.id<Bytes32>() })));
    const numbered = { ...title, state: { ...title.state, factsRoot: set.root } };
    const plan = { title: numbered, facts: [{ of: 'unit', set, paths }] } as const;
    const { trust, certificate } = await forge(plan);
    expect(codes(verifyCertificate(trust, reread(certificate)))).to.deep.equal(['yes', 'yes', 'not-asked']);
  });

  it('that gives an id twice, or one the unit has not given out, is not intact', async () => {
    const { trust, certificate } = await forge({ title });
    const { state } = certificate;
    const [right] = typeof state.rights === 'string' ? [] : state.rights;
    if (right === undefined) throw new Error('the section is shown');
    const parcel = { id: drafts.id<SpatialUnitId>(), geometryCommitment: ZERO_32 };
    const bent: readonly Partial<Certificate['state']>[] = [
      { rights: [right, right] },
      { rights: [{ ...right, rightId: right.holdings[0]?.holdingId ?? 0 }] },
      { rights: [{ ...right, rightId: 0 }] },
      { rights: [{ ...right, rightId: state.header.nextId }] },
      { spatialUnits: [parcel, parcel] },
    ];
    for (const sections of bent) {
      const one = { ...certificate, facts: [], state: { ...state, ...sections } };
      expect(codes(verifyCertificate(trust, reread(one)))[0]).to.equal('state-id-repeated');
    }
  });

  it('of another version of its format, or of a state of one, is named as that', async () => {
    const text = writeCertificate((await forge({ title })).certificate);
    for (const other of [
      text.replace('kudurru-certificate-1', 'kudurru-certificate-2'),
      text.replace('"formatVersion":1', '"formatVersion":2'),
      text.replace('"formatVersion":1', '"formatVersion":0'),
    ]) {
      expect(codeOf(() => readCertificate(other))).to.equal('format-unknown');
    }
  });

  it('under another genesis or on another chain than the trust file names is refused', async () => {
    const { trust, certificate } = await forge({ title });
    const elsewhere = { ...trust, chainId: trust.chainId + 1 };
    expect(codes(verifyCertificate(elsewhere, certificate))[1]).to.equal('chain-id-differs');
    const genesisHash = `0x${'01'.repeat(32)}` as Bytes32;
    const minimumCheckpoint = { blockNumber: 0, blockHash: genesisHash };
    const other = { ...trust, genesisHash, minimumCheckpoint };
    expect(codes(verifyCertificate(other, certificate))[1]).to.equal('lineage-not-from-genesis');
  });

  it('with a slot left out or one more in a proof is refused, as with another time', async () => {
    const { trust, certificate } = await forge({ title });
    const { proofs } = certificate;
    const landRegistry = { ...proofs.landRegistry, slots: proofs.landRegistry.slots.slice(1) };
    const without = { ...certificate, proofs: { ...proofs, landRegistry } };
    expect(codes(verifyCertificate(trust, without))[1]).to.equal('proof-slot-missing');
    const more = await forge({ title, more: [ZERO_32] });
    expect(codes(verifyCertificate(more.trust, more.certificate))[1]).to.equal('proof-slot-unused');
    const later = { ...certificate, issuedAt: certificate.issuedAt + 1 };
    expect(codes(verifyCertificate(trust, later))).to.deep.equal(['yes', 'issued-at-differs', 'not-asked']);
  });

  it('is detected when any byte of its text is edited', async () => {
    const { trust, certificate } = await forge({ title });
    expect(tryEdits(trust, writeCertificate(certificate), 9)).to.deep.equal([]);
  });

  it('is read in one spelling only', async () => {
    const { certificate } = await forge({ title });
    const text = writeCertificate(certificate);
    for (const other of [
      text.trim(),
      ` ${text}`,
      text.replace(':', ': '),
      text.replace('"issuedAt":', '"issuedAt":0,"issuedAt":'),
      text.replace('"issuedAt":', '"added":0,"issuedAt":'),
      text.replace('KAJ', '\\u004bAJ'),
      text.replace(/"issuedAt":(\d+)/, '"issuedAt":$1.0'),
      text.replace('"version":"1"', '"version":"01"'),
      text.replace('"nextId":3', '"nextId":4294967296'),
      text.replace('"status":"active"', '"status":"1"'),
      JSON.stringify(JSON.parse(text), undefined, 2),
      '',
      '[]',
      'null',
    ]) {
      expect(
        codeOf(() => readCertificate(other)),
        other.slice(0, 40),
      ).to.equal('evidence-malformed');
    }
  });
});

// ---- On a real ledger -----------------------------------------------------------------------------------------

describe('a certificate of an embedded ledger', function () {
  this.timeout(300_000);
  let ledger: LandLedger;
  let trust: TrustFile;
  let title: Title;
  let certificate: Certificate;
  before(async () => {
    ledger = await openLandLedger(temporaryFolder());
    title = await register(ledger, drafts, draft());
    trust = await trustOf(ledger);
    certificate = await certify(ledger, { ...title, show, facts });
  });
  after(async () => {
    await ledger.ledger.close();
    removeTemporaryFolders();
  });
  const answer = async (): Promise<CurrentAnswer> => {
    const now = await certify(ledger, { ...title, show, facts });
    const { charter, landRegistry } = now.proofs;
    const directory = { ...charter, slots: charter.slots.slice(1, 2) };
    return { header: now.finality.header, finality: now.finality, charter: directory, landRegistry };
  };
  const no = (verdict: { readonly verdict: string }): string => (verdict as No).code;

  it('is proved against the slots where the contracts keep what it says', () => {
    const verdicts = verifyCertificate(trust, reread(certificate));
    expect(codes(verdicts)).to.deep.equal(['yes', 'yes', 'not-asked']);
    expect(verdicts.anchored).to.include({
      restsOn: 'genesis',
      finality: 'local',
      phase: 'seated',
      stateHash: stateHash(title.state),
    });
  });

  it('is current by the node\u2019s word or by a final header, whichever was given', async () => {
    const current = await answer();
    const { finality: _, ...word } = current;
    expect(verifyCertificate(trust, certificate, { current }).current).to.include({
      verdict: 'yes',
      isFinal: true,
    });
    expect(verifyCertificate(trust, certificate, { current: word }).current).to.include({
      verdict: 'yes',
      isFinal: false,
    });
  });

  it('is detected when any byte of its text is edited', () => {
    expect(tryEdits(trust, writeCertificate(certificate), 5)).to.deep.equal([]);
  });

  it('is no longer current once the unit has changed, and stays anchored', async () => {
    const older = await answer();
    const restriction = drafts.restriction('caution', { expiresOn: LATER });
    const head = await ledger.head(random, { effectiveOn: 0n }); // nobody agrees to its date
    const act = { head, units: [changeOf(title)], restriction };
    await perform(ledger, drafts, { method: 'createRestriction', act, priors: [title.state] });
    const verdicts = verifyCertificate(trust, certificate, { current: await answer() });
    expect(codes(verdicts)).to.deep.equal(['yes', 'yes', 'state-superseded']);
    const [changed] = [await register(ledger, drafts, drafts.title())];
    const newer = await certify(ledger, { ...changed, show, facts: [] });
    expect(no(verifyCertificate(trust, newer, { current: older }).current)).to.equal('node-behind');
    const lying = { ...(await answer()), finality: certificate.finality };
    expect(no(verifyCertificate(trust, certificate, { current: lying }).current)).to.equal(
      'header-parent-differs',
    );
  });

  it('of another ledger is refused by its contracts', async () => {
    const other = await openLandLedger(temporaryFolder());
    try {
      const foreign = await trustOf(other);
      const { anchored } = verifyCertificate({ ...foreign, chainId: ledger.chainId }, certificate);
      expect(no(anchored)).to.equal('head-not-signed-by-node');
      const borrowed = { ...trust, contracts: foreign.contracts };
      expect(no(verifyCertificate(borrowed, certificate).anchored)).to.equal('contract-code-differs');
    } finally {
      await other.ledger.close();
    }
  });
});
