/**
 * Who signed, judged as the contracts did: each conjunct broken alone, in a history whose every hash, signature and link
 * is made anew over it, so that nothing but the conjunct tells.
 */
import { expect } from 'chai';
import type { EventBlock, EventName, EventOf, LedgerEvent } from '../../../../server/domain/acts/events.ts';
import { type Bytes32, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import {
  type InstitutionId,
  type OfficeId,
  ROLES,
  type Role,
  SCOPES,
} from '../../../../server/domain/base/terms.ts';
import { tierPolicy } from '../../../../server/domain/benefits/policies.ts';
import { bentBy, inPlaceOf, replayed, shownByCalls, withArgs } from '../../../chain/bent.ts';
import { ADMIN_ROLES, COLLEAGUE, playPower, REKEYED } from '../../../chain/powerScenes.ts';
import { resealed } from '../../../chain/resealed.ts';
import { beginProgramme, register, registerBatch } from '../../../chain/scenes.ts';
import { keyRecord, named, officerOf } from '../../../chain/signing.ts';
import {
  APPROVER,
  foundWorld,
  OFFICERS,
  PREPARER,
  SECOND_APPROVER,
  SECOND_PREPARER,
} from '../../../chain/world.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

/** An officer whom a forged history appoints. */
const GUEST = officerOf(1, 'a guest');

/** Judged beside this: replayMeasures.test.ts and personnelForgeries.test.ts. */
const ELSEWHERE = /^(A change was made that no|The quorum cannot|A vote was cast|A suspension)|three-admins/;

describe('the officers of an auditor', function () {
  this.timeout(240_000);
  let blocks: readonly EventBlock[];
  let chainId: bigint;
  let sealers: { readonly chainId: bigint; readonly officers: typeof OFFICERS };

  before(async () => {
    const world = await foundWorld({ folder: temporaryFolder() });
    await registerBatch(world, ['north', 'south']);
    await register(world, 'east');
    await beginProgramme(world);
    await playPower(world);
    blocks = await world.eventBlocks();
    ({ chainId } = world.chain.genesis);
    sealers = { chainId, officers: [...OFFICERS, COLLEAGUE, REKEYED, GUEST] };
    await world.close();
    removeTemporaryFolders();
  });

  /** What is found, each once, with where the first is. */
  function foundIn(history: readonly EventBlock[]) {
    const findings = replayed(chainId, history).findings.filter(({ what }) => !ELSEWHERE.test(what));
    return {
      ...{ first: findings[0], said: [...new Set(findings.map(({ what }) => what))] },
      broken: [...new Set(findings.map(({ invariant }) => invariant))],
    };
  }

  const refusing = (code: string): [string] => [`An act was recorded that the ledger refuses: ${code}.`];
  const reseal = (history: readonly EventBlock[]) => resealed(history, sealers);

  /** Entries in the order of the chain. */
  const entries = () =>
    blocks.flatMap(({ events }) =>
      events.filter((event): event is EventOf<'EntryRecorded'> => event.name === 'EntryRecorded'),
    );
  const nthOf = (contract: string, kind: number) => {
    const nth = entries().findIndex((one) => one.contract === contract && one.args.kind === kind);
    expect(nth, `${contract} ${kind}`).to.be.at.least(0);
    return nth;
  };
  /** The nth act of two officers, whose entry is that one. */
  const signedOf = (nth: number) => {
    const entry = entries()[nth];
    const signed = blocks.flatMap(({ events }) => events.filter(({ name }) => name === 'Signed'));
    const at = signed.findIndex((one) => one.transactionHash === entry?.transactionHash);
    expect(at).to.be.at.least(0);
    return at;
  };

  /** The acts of two officers, by what their entries are. */
  const TWO = [
    ['land', 17],
    ['benefits', 16],
    ['benefits', 17],
    ...([16, 17, 20, 21] as const).map((kind) => ['personnel', kind] as const),
    ['safeguards', 17],
    ['safeguards', 18],
  ] as const;
  const ALONE = [
    ...([18, 19] as const).map((kind) => ['personnel', kind] as const),
    ['safeguards', 16],
  ] as const;

  /** One entry with other officers or epochs, sealed anew; preparer and epoch stand in the head. */
  function signedBy(
    nth: number,
    by: { preparer?: string; approver?: string; preparerEpoch?: number; approverEpoch?: number },
  ): EventBlock[] {
    const { preparer, approver, preparerEpoch, approverEpoch } = by;
    const of = entries()[nth] as EventOf<'EntryRecorded'>;
    const { args } = of;
    const [first, second] = [Number(args.epochs >> 32n), Number(args.epochs & 0xffff_ffffn)];
    const epochs = (BigInt(preparerEpoch ?? first) << 32n) | BigInt(approverEpoch ?? second);
    const named_ = { preparer: preparer ?? args.preparer, approver: approver ?? args.approver, epochs };
    let history: EventBlock[] = blocks.map((block) => ({
      ...block,
      events: block.events.map((event) => {
        const isOfAct = event.name === 'EntryRecorded' && event.transactionHash === of.transactionHash;
        return isOfAct ? withArgs(event, named_) : event;
      }),
    }));
    const isOfTwo = blocks.some(({ events }) =>
      events.some((one) => one.name === 'Signed' && one.transactionHash === of.transactionHash),
    );
    if (isOfTwo && (preparer !== undefined || preparerEpoch !== undefined)) {
      history = bentBy(history, 'Signed', signedOf(nth), (event) => {
        const { head } = event.args;
        const by = {
          preparer: preparer ?? head.preparer,
          preparerEpoch: preparerEpoch ?? head.preparerEpoch,
        };
        return withArgs(event, { head: { ...head, ...by } });
      });
    }
    return reseal(history);
  }

  function saidBefore(nth: number, name: EventName, args: object, contract = 'consortium'): EventBlock[] {
    return blocksWith(nth, [[name, args]], contract);
  }

  const foundedWith = (
    change: (officer: EventOf<'ConsortiumFounded'>['args']['founding']['officers'][number]) => object,
    more: object = {},
  ) =>
    reseal(
      bentBy(blocks, 'ConsortiumFounded', 0, (event) => {
        const { founding } = event.args;
        const officers = founding.officers.map((one) => ({ ...one, ...change(one) }));
        return withArgs(event, { founding: { ...founding, officers, ...more } });
      }),
    );

  it('are found sound in an honest history, and in the same one sealed anew', () => {
    expect(foundIn(blocks).said).to.deep.equal([]);
    expect(reseal(blocks)).to.deep.equal(blocks);
    const { checked, notShown } = replayed(chainId, blocks).signatures;
    const signed = blocks.flatMap(({ events }) => events.filter(({ name }) => name === 'Signed'));
    expect(checked).to.equal(2 * signed.length);
    expect(notShown).to.equal(3 + shownByCalls(blocks));
  });

  it('are two persons of any act of two, whoever signs it (P1)', () => {
    for (const [contract, kind] of TWO) {
      const nth = nthOf(contract, kind);
      const preparer = entries()[nth]?.args.preparer ?? '';
      const found = foundIn(signedBy(nth, { approver: preparer }));
      expect(found.said, `${contract} ${kind}`).to.include(...refusing('second-person-required'));
      expect(found.broken).to.include('P1');
      expect(found.first?.subject).to.match(/^0x/);
    }
  });

  it('are appointed: a stranger counts nowhere, on either side (L3)', () => {
    for (const [contract, kind] of TWO) {
      const nth = nthOf(contract, kind);
      for (const by of [{ preparer: GUEST.officer }, { approver: GUEST.officer }]) {
        expect(foundIn(signedBy(nth, by)).said, `${contract} ${kind}`).to.include(
          ...refusing('officer-unknown'),
        );
      }
    }
    for (const [contract, kind] of ALONE) {
      const found = foundIn(signedBy(nthOf(contract, kind), { preparer: GUEST.officer }));
      expect(found.said, `${contract} ${kind}`).to.include(...refusing('officer-unknown'));
    }
  });

  it('sign under the key of their epoch (P3)', () => {
    for (const [contract, kind] of TWO) {
      const nth = nthOf(contract, kind);
      for (const by of [{ preparerEpoch: 5 }, { approverEpoch: 5 }]) {
        const found = foundIn(signedBy(nth, by));
        expect(found.said, `${contract} ${kind}`).to.include(...refusing('officer-epoch-stale'));
        expect(found.broken).to.include('P3');
      }
    }
    for (const [contract, kind] of ALONE) {
      const found = foundIn(signedBy(nthOf(contract, kind), { preparerEpoch: 5 }));
      expect(found.said, `${contract} ${kind}`).to.deep.equal(refusing('officer-epoch-stale'));
    }
  });

  it('count no more once revoked, nor while their institution is suspended or after it is expelled', () => {
    for (const [contract, kind] of [...TWO, ...ALONE]) {
      const nth = nthOf(contract, kind);
      const of = entries()[nth] as EventOf<'EntryRecorded'>;
      const institution = 1;
      for (const name of ['InstitutionSuspended', 'InstitutionExpelled'] as const) {
        const found = foundIn(saidBefore(nth, name, { institution, until: 2n ** 60n }));
        const isOfRevocation = contract === 'personnel' && (kind === 18 || kind === 19);
        const code = refusing('institution-is-barred');
        if (!isOfRevocation) expect(found.first?.what, `${contract} ${kind} ${name}`).to.equal(code[0]);
        if (!isOfRevocation) expect(found.first?.subject).to.equal(of.args.entryId);
      }
      const lifted = blocksWith(nth, [
        ['InstitutionSuspended', { institution, until: 2n ** 60n }],
        ['SuspensionLifted', { institution }],
      ]);
      expect(foundIn(lifted).said, `${contract} ${kind} lifted`).to.deep.equal([]);
    }
  });

  /** Several sayings before an act, in order. */
  function blocksWith(
    nth: number,
    said: readonly (readonly [EventName, object])[],
    contract = 'consortium',
  ): EventBlock[] {
    const of = entries()[nth] as EventOf<'EntryRecorded'>;
    const address = entries().find((one) => one.contract === contract)?.address;
    return blocks.map((block) => {
      const at = block.events.findIndex((one) => one.transactionHash === of.transactionHash);
      if (at < 0) return block;
      const place = { ...(block.events[at] as LedgerEvent), transactionHash: named('before') };
      const events = said.map(
        ([name, args]) => ({ ...inPlaceOf(place, name, args), contract, address }) as LedgerEvent,
      );
      return { ...block, events: block.events.toSpliced(at, 0, ...events) };
    });
  }

  it('hold the role and the office that the act asks for (L3)', () => {
    const without = (role: Role) => ADMIN_ROLES & ~(1 << ROLES.indexOf(role));
    const PARTS: readonly (readonly [Role, string])[] = [
      ['land-preparer', 'land'],
      ['land-approver', 'land'],
      ['aid-preparer', 'benefits'],
      ['aid-approver', 'benefits'],
      ['admin-preparer', 'personnel'],
      ['admin-approver', 'personnel'],
      ['pause', 'safeguards'],
      ['revoke', 'personnel'],
    ];
    for (const [role, contract] of PARTS) {
      const history = foundedWith(() => ({ roles: without(role) }));
      const found = foundIn(history);
      expect(found.said, role).to.deep.equal(refusing('role-missing'));
      const at = history.find(({ cursor }) => cursor.number === found.first?.blockNumber);
      const isThere = at?.events.some((one) => one.contract === contract);
      expect(isThere, role).to.equal(true);
    }
    for (const [i, officer] of OFFICERS.entries()) {
      const found = foundIn(
        foundedWith((one) => (one.officer === officer.officer ? { office: 77 as OfficeId } : {})),
      );
      if (i === 2) continue; // the second preparer signs no act here
      expect(found.said, `${i}`).to.deep.equal(refusing('office-out-of-scope'));
    }
    // An officer of the act's own office does for land and benefits; power asks for one of every office.
    const local = foundIn(foundedWith(() => ({ office: 1 as OfficeId })));
    expect(local.said).to.have.members(['office-out-of-scope', 'office-differs'].flatMap(refusing));
    const at = blocks.find(({ cursor }) => cursor.number === local.first?.blockNumber);
    expect(at?.events.some(({ contract }) => contract === 'personnel')).to.equal(true);
  });

  it('are of the institution that keeps the office, or whose programme or officer it is', () => {
    const offices = [{ office: 1 as OfficeId, keeper: 2 as InstitutionId }];
    const moved = foundIn(foundedWith(() => ({}), { offices }));
    expect(moved.said).to.deep.equal(refusing('institution-differs'));
    const before = saidBefore(nthOf('land', 17), 'OfficeMoved', { office: 1, keeper: 2 });
    expect(foundIn(before).said).to.deep.equal(refusing('institution-differs'));
    for (const [contract, kind] of [
      ['benefits', 16],
      ['benefits', 17],
      ['personnel', 16],
      ['personnel', 17],
    ] as const) {
      const nth = nthOf(contract, kind);
      for (const by of [{ preparer: SECOND_PREPARER.officer }, { approver: SECOND_APPROVER.officer }]) {
        const found = foundIn(signedBy(nth, by));
        expect(found.said, `${contract} ${kind}`).to.deep.equal(refusing('institution-differs'));
      }
    }
  });

  it('are of two institutions where the tier, the policy or the assistance asks (P1, B9)', () => {
    const two = refusing('second-institution-required');
    // Land here is of holders without keys, which asks; the safeguards always ask.
    const land = foundIn(signedBy(nthOf('land', 17) + 2, { approver: APPROVER.officer }));
    expect(land.said, 'a first registration asks nobody').to.deep.equal([]);
    const paused = foundIn(signedBy(nthOf('safeguards', 17), { approver: APPROVER.officer }));
    expect(paused.said).to.deep.equal(two);
    const ends = entries().flatMap((one, i) =>
      one.contract === 'safeguards' && one.args.kind === 18 ? [i] : [],
    );
    expect(foundIn(signedBy(ends[1] as number, { approver: APPROVER.officer })).said).to.deep.equal(two);
    const ended = foundIn(signedBy(ends[0] as number, { approver: SECOND_APPROVER.officer }));
    expect(ended.said).to.deep.equal([]);
    const stopped = signedBy(nthOf('safeguards', 16), { preparer: SECOND_APPROVER.officer });
    expect(foundIn(stopped).said, 'whom a pause stops ends it').to.deep.equal(two);
    const registrations = 1n << 1n;
    const policies = (value: bigint, currency = 404) => ({
      policies: [
        { name: tierPolicy(currency), value },
        { name: named('landTwoInstitutionActs'), value: registrations },
      ],
    });
    const tier = 2n ** 120n;
    expect(foundIn(foundedWith(() => ({}), policies(tier))).said, 'two sign land here').to.deep.equal([]);
    const asked = signedBy(nthOf('land', 17), { approver: APPROVER.officer });
    const withPolicy = bentBy(asked, 'ConsortiumFounded', 0, (event) =>
      withArgs(event, { founding: { ...event.args.founding, ...policies(tier) } }),
    );
    expect(foundIn(withPolicy).said).to.deep.equal(two);
    // The fund of a million was moved by one institution: at the tier it may, above it not.
    expect(foundIn(foundedWith(() => ({}), policies(1_000_000n))).said).to.deep.equal([]);
    const above = foundIn(foundedWith(() => ({}), policies(999_999n)));
    expect(above.broken).to.deep.equal(['B9']);
    expect(foundIn(foundedWith(() => ({}), policies(tier, 405))).broken, 'an unset tier').to.deep.equal([
      'B9',
    ]);
    const unseated = foundIn(foundedWith(() => ({}), { ...policies(999_999n), quorum: 1 }));
    expect(unseated.said, 'nobody to ask').to.deep.equal([]);
    const seated = bentBy(
      foundedWith(() => ({}), { ...policies(999_999n), quorum: 1 }),
      'ConsortiumFounded',
      0,
      (event) => [event, inPlaceOf(event, 'ConsortiumSeated', {})],
    );
    expect(foundIn(seated).broken).to.deep.equal(['B9']);
  });

  it('sum what one institution moves by itself over a window (B9)', () => {
    // Two funds of a million each, in one window: together above a tier that each is below.
    const nth = nthOf('benefits', 17);
    const of = entries()[nth] as EventOf<'EntryRecorded'>;
    const again = blocks.map((block) => {
      const act = block.events.filter((one) => one.transactionHash === of.transactionHash);
      const later = act.map((one) => {
        const second = { ...one, transactionHash: named('again') as Bytes32 } as LedgerEvent;
        if (second.name === 'Signed') {
          return withArgs(second, { head: { ...second.args.head, salt: 77n } });
        }
        if (second.name !== 'ActApplied') return second;
        const { applied } = second.args;
        const moved = { ...applied.act, movedBeforeMinor: 1_000_000n };
        return withArgs(second, { applied: { ...applied, act: moved } });
      });
      return { ...block, events: [...block.events, ...later] };
    });
    const withTier = (value: bigint) =>
      foundIn(
        reseal(
          bentBy(again, 'ConsortiumFounded', 0, (event) => {
            const policies = [{ name: tierPolicy(404), value }];
            return withArgs(event, { founding: { ...event.args.founding, policies } });
          }),
        ),
      ).said;
    expect(withTier(2_000_000n)).to.deep.equal([]);
    expect(withTier(1_999_999n)).to.deep.equal(['One institution moved more than its tier lets it.']);
  });

  it('are those of the consortium in force alone', () => {
    const nth = nthOf('land', 17);
    const [founded] = blocks.flatMap(({ events }) =>
      events.filter((one): one is EventOf<'ConsortiumFounded'> => one.name === 'ConsortiumFounded'),
    );
    if (founded === undefined) throw new Error('no founding');
    const { founding } = founded.args;
    const succeeded = (more: object) =>
      foundIn(saidBefore(nth, 'ConsortiumFounded', { founding: { ...founding, ...more } })).said;
    expect(succeeded({})).to.deep.equal([]);
    const others = founding.officers.filter(({ officer }) => officer !== PREPARER.officer);
    expect(succeeded({ officers: others })).to.include(...refusing('officer-unknown'));
    expect(succeeded({ offices: [{ office: 1, keeper: 2 }] })).to.deep.equal(refusing('institution-differs'));
    expect(succeeded({ offices: [] })).to.include(...refusing('office-unkept'));
    const weaker = succeeded({ policies: [] }).join(' ');
    expect(weaker).to.match(/: successor-is-weaker\. One institution moved more than its tier lets it\.$/);
  });

  it('sign nothing in a scope that is paused (B8)', () => {
    const until = 4_000_000_000n;
    const stopped = (contract: string, kind: number, scope: (typeof SCOPES)[number]) => {
      const bits = 1 << SCOPES.indexOf(scope);
      const args = { scope: bits, until, byTwoInstitutions: true, caseReference: ZERO_32 };
      const history = saidBefore(nthOf(contract, kind), 'Paused', args, 'safeguards');
      return foundIn(history).said;
    };
    const paused = refusing('scope-is-paused');
    expect(stopped('land', 17, 'land')).to.include(paused[0]);
    expect(stopped('benefits', 16, 'disbursement')).to.include(paused[0]);
    expect(stopped('benefits', 16, 'land')).to.not.include(paused[0]);
    expect(stopped('personnel', 16, 'officers')).to.include(paused[0]);
    expect(stopped('safeguards', 18, 'land')).to.not.include(paused[0]);
  });

  it('sign within the time that they stated (L3)', () => {
    for (const [contract, kind] of TWO) {
      const nth = nthOf(contract, kind);
      const timed = (head: object, approval: object = {}) =>
        foundIn(
          reseal(
            bentBy(blocks, 'Signed', signedOf(nth), (event) =>
              withArgs(event, { head: { ...event.args.head, ...head }, ...approval }),
            ),
          ),
        ).said;
      const now = BigInt(
        blocks.find(({ events }) =>
          events.some((one) => one.transactionHash === entries()[nth]?.transactionHash),
        )?.timestampSeconds ?? 0,
      );
      expect(timed({ notBefore: now + 1n })).to.deep.equal(refusing('act-not-yet-valid'));
      expect(timed({ notBefore: now })).to.deep.equal([]);
      expect(timed({ deadline: now - 1n })).to.deep.equal(refusing('act-expired'));
      expect(timed({ deadline: now })).to.deep.equal([]);
      expect(timed({}, { approvalDeadline: now - 1n })).to.deep.equal(refusing('approval-expired'));
      expect(timed({}, { approvalDeadline: now })).to.deep.equal([]);
    }
  });

  it('count from the end of the wait, which their event states (P5)', () => {
    const waiting = foundedWith(() => ({}), { appointmentWaitSeconds: 60 });
    expect(foundIn(waiting).broken).to.deep.equal(['P5']);
    for (const name of ['OfficerAppointed', 'KeyRotated'] as const) {
      const early = bentBy(blocks, name, 0, (event) =>
        withArgs(event, { activeFrom: (event.args as { activeFrom: bigint }).activeFrom + 1n }),
      );
      expect(foundIn(early).said, name).to.include('A key counts from another moment than its wait ends.');
    }
    const changed = saidBefore(nthOf('personnel', 16), 'AppointmentWaitChanged', { waitSeconds: 60 });
    expect(foundIn(changed).broken).to.deep.equal(['P5']);
    const key = keyRecord(GUEST);
    const appointed = (activeFrom: bigint) =>
      saidBefore(nthOf('benefits', 17), 'OfficerAppointed', {
        ...{ officer: GUEST.officer, institution: 1, office: 0, roles: ADMIN_ROLES, activeFrom },
        ...{ salt: named('salt'), key: { ...key, kind: 'secp256k1' }, spare: { ...key, kind: 'secp256k1' } },
      });
    const signing = (history: readonly EventBlock[]) =>
      reseal(
        bentBy(history, 'EntryRecorded', nthOf('benefits', 17), (event) =>
          withArgs(event, { approver: GUEST.officer }),
        ),
      );
    const UNSAID = 'Power changed without an entry that says so.';
    const saidOf = (activeFrom: bigint) =>
      foundIn(signing(appointed(activeFrom))).said.filter((what) => what !== UNSAID);
    expect(saidOf(4_000_000_000n)).to.deep.equal(refusing('officer-not-yet-active'));
    expect(saidOf(1n)).to.deep.equal([]);
  });

  it('change power as an entry says, and as they signed (L3)', () => {
    const DIFFERENT = 'Power changed otherwise than its entry says.';
    const alterations: readonly (readonly [EventName, object])[] = [
      ['OfficerAppointed', { roles: 1 }],
      ['OfficerAppointed', { office: 3 }],
      ['OfficerAppointed', { institution: 2 }],
      ['OfficerAppointed', { officer: named('another') }],
      ['KeyRotated', { epoch: 5 }],
      ['KeyRotated', { officer: PREPARER.officer }],
      ['OfficerRevoked', { officer: APPROVER.officer }],
      ['OfficerRevoked', { suspectSince: 1n }],
      ['OfficerRevoked', { revoker: APPROVER.officer }],
      ['OfficerRevoked', { caseReference: named('another') }],
      ['OfficerSuspended', { officer: PREPARER.officer }],
      ['OfficerSuspended', { until: 5_000_000_000n }],
      ['OfficerFreed', { officer: PREPARER.officer }],
      ['OfficerFreed', { caseReference: named('another') }],
      ['Paused', { scope: 1 }],
      ['Paused', { until: 5_000_000_000n }],
      ['Paused', { caseReference: named('another') }],
      ['Paused', { byTwoInstitutions: true }],
      ['Unpaused', { scope: 1 }],
      ['Unpaused', { caseReference: named('another') }],
    ];
    for (const [name, args] of alterations) {
      const found = foundIn(bentBy(blocks, name, 0, (event) => withArgs(event, args)));
      expect(found.said, `${name} ${Object.keys(args)}`).to.include(DIFFERENT);
    }
    for (const name of ['OfficerAppointed', 'KeyRotated', 'OfficerRevoked', 'Paused', 'Unpaused'] as const) {
      expect(foundIn(bentBy(blocks, name, 0, () => undefined)).said, name).to.include(
        'An entry says that power changed, and nothing did.',
      );
    }
    for (const [contract, kind] of [...TWO.slice(3), ...ALONE]) {
      const nth = nthOf(contract, kind);
      const none = foundIn(bentBy(blocks, 'EntryRecorded', nth, () => undefined));
      expect(none.said, `${contract} ${kind}`).to.include('Power changed without an entry that says so.');
      for (const change of [{ subject: named('another') }, { newState: named('another') }]) {
        const found = foundIn(bentBy(blocks, 'EntryRecorded', nth, (event) => withArgs(event, change)));
        expect(found.said, `${contract} ${kind}`).to.include(DIFFERENT);
      }
    }
  });

  it('are named by no entry that fewer sign, and by none that nobody signs (L3)', () => {
    const other = (nth: number, args: object) =>
      foundIn(bentBy(blocks, 'EntryRecorded', nth, (event) => withArgs(event, args))).said;
    for (const [contract, kind] of ALONE) {
      const nth = nthOf(contract, kind);
      expect(other(nth, { approver: APPROVER.officer })).to.include(
        'An entry names an approver where none signs.',
      );
      expect(other(nth, { epochs: (1n << 32n) | 1n })).to.include(
        'An entry names an approver where none signs.',
      );
      expect(other(nth, { entryId: named('another') })).to.include(
        'An entry is not of the order that it says.',
      );
    }
    const measure = nthOf('consortium', 32 + 14);
    const named_ = 'An entry names an officer where none signs.';
    expect(other(measure, { preparer: PREPARER.officer })).to.include(named_);
    expect(other(measure, { epochs: 1n << 32n })).to.include(named_);
    expect(other(measure, { approver: APPROVER.officer })).to.include(
      'An entry names an approver where none signs.',
    );
    expect(other(nthOf('land', 17), { kind: 16 + 9 })).to.include('An entry is of no act of this version.');
    expect(other(nthOf('benefits', 16), { kind: 15 })).to.include('An entry is of no act of this version.');
  });

  it('name the same two in each entry of an act', () => {
    for (const change of [
      { approver: APPROVER.officer },
      { preparer: SECOND_PREPARER.officer },
      { epochs: (1n << 32n) | 2n },
      { kind: 18 },
    ]) {
      const found = foundIn(
        bentBy(blocks, 'EntryRecorded', nthOf('land', 17) + 1, (event) => withArgs(event, change)),
      );
      expect(found.said, Object.keys(change).join()).to.include(
        'Entries of one act name different officers or kinds.',
      );
    }
  });

  it('sign through a verifier that counts (P3)', () => {
    const verifier = `0x${'77'.repeat(20)}`;
    const passkey = (one: { readonly officer: string; readonly key: object }) =>
      one.officer === PREPARER.officer ? { key: { ...one.key, kind: 'p256', verifier } } : {};
    const found = foundIn(foundedWith(passkey));
    expect(found.said).to.include('A preparer did not sign the act that was recorded.');
  });

  it('suspend a colleague for a while, once, and are narrowed; and leave alone (P3, P9)', () => {
    const nth = nthOf('personnel', 19);
    expect(foundIn(suspendedBy(SECOND_PREPARER.officer)).said).to.deep.equal(refusing('institution-differs'));
    expect(foundIn(suspendedBy(APPROVER.officer, 2)).said, 'the spare key').to.deep.equal([]);
    expect(foundIn(suspendedBy(APPROVER.officer, 3)).said).to.deep.equal(refusing('officer-epoch-stale'));
    const admin = foundIn(suspendedBy(PREPARER.officer));
    expect(admin.said).to.deep.equal(refusing('officer-is-narrowed'));
    expect(foundIn(blocksAgain(nth)).said).to.include(...refusing('suspension-too-soon'));
    const long = bentBy(blocks, 'OfficerSuspended', 0, (event) =>
      withArgs(event, { until: event.args.until + 72n * 3_600n }),
    );
    expect(foundIn(reseal(long)).broken).to.deep.equal(['P9']);
    const silent = { officer: PREPARER.officer, revoker: APPROVER.officer, caseReference: ZERO_32 };
    const before = saidBefore(nthOf('land', 17), 'OfficerSuspended', { ...silent, until: 4_000_000_000n });
    expect(foundIn(before).said).to.include(...refusing('officer-is-suspended'));
    const left = bentBy(blocks, 'EntryRecorded', nthOf('personnel', 18), (event) =>
      withArgs(event, { preparer: PREPARER.officer }),
    );
    expect(foundIn(reseal(left)).said).to.include('Power changed otherwise than its entry says.');
    expect(foundIn(blocksAgain(nthOf('personnel', 18))).said).to.include(...refusing('officer-is-revoked'));
  });

  function suspendedBy(revoker: string, epoch = 1): EventBlock[] {
    const nth = nthOf('personnel', 19);
    const changed = bentBy(blocks, 'OfficerSuspended', 0, (event) => withArgs(event, { revoker }));
    return reseal(
      bentBy(changed, 'EntryRecorded', nth, (event) =>
        withArgs(event, { preparer: revoker, epochs: BigInt(epoch) << 32n }),
      ),
    );
  }

  /** The transaction of an entry once more, in the same block. */
  function blocksAgain(nth: number): EventBlock[] {
    const of = entries()[nth] as EventOf<'EntryRecorded'>;
    return reseal(
      blocks.map((block) => {
        const again = block.events.filter((one) => one.transactionHash === of.transactionHash);
        const later = again.map(
          (one) => ({ ...one, transactionHash: named('again') as Bytes32 }) as LedgerEvent,
        );
        return { ...block, events: [...block.events, ...later] };
      }),
    );
  }
});
