/**
 * What members may vote on, told otherwise: six measures of a ledger become any others, with their votes, waits, entries and
 * changes made anew, so that what is found is a rule of the Council or the consortium and nothing else; by both auditors.
 */
import { expect } from 'chai';
import { registerDomain } from '../../../../server/domain/acts/domains.ts';
import type {
  EventBlock,
  EventName,
  EventOf,
  Founding,
  LedgerEvent,
  Measure,
} from '../../../../server/domain/acts/events.ts';
import { domainSeparator } from '../../../../server/domain/acts/typedData.ts';
import { signedDigest } from '../../../../server/domain/audit/journal.ts';
import { isWeaker } from '../../../../server/domain/audit/measureRules.ts';
import { writeTrust } from '../../../../server/domain/audit/trust.ts';
import {
  type Address,
  type Bytes32,
  fromHex,
  wordOf,
  ZERO_32,
  ZERO_ADDRESS,
} from '../../../../server/domain/base/hex.ts';
import { MEASURE_KINDS, numberOf } from '../../../../server/domain/base/terms.ts';
import {
  appointmentsHashOf,
  MEASURE_KIND_BASE,
  measureHash,
  measureSubject,
} from '../../../../server/domain/power/measures.ts';
import { directoryHash } from '../../../../server/domain/power/policyNames.ts';
import { encodeCall } from '../../../../server/ledger/contracts.ts';
import { inPlaceOf, replayed, withArgs } from '../../../chain/bent.ts';
import { resealed } from '../../../chain/resealed.ts';
import { appointmentOf, named, type Officer, officerOf } from '../../../chain/signing.ts';
import {
  CHARTER,
  LEDGER_NONCE,
  OFFICERS,
  openWorld,
  PREPARER,
  SECOND_PREPARER,
  type World,
} from '../../../chain/world.ts';
import { needsPython } from '../../../verifier/python.ts';
import { differingFrom, type Judged } from '../../../verifier/sameFound.ts';
import { trustOf } from '../../../verifier/worldTrust.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

const START = 1_900_000_000n;
const HOUR = 3_600n;
const DAY = 24n * HOUR;
const [THIRD, FOURTH] = [officerOf(3, 'voter of the third'), officerOf(4, 'voter of the fourth')];
const VOTERS = [PREPARER, SECOND_PREPARER, THIRD];
const MEMBERS = [
  ...OFFICERS,
  ...[THIRD, officerOf(3, 'other of the third'), FOURTH, officerOf(4, 'other of the fourth')],
];
const ALL_ROLES = 2 ** 14 - 1;
const VERIFIER = `0x${'fe'.repeat(20)}` as Address;
const validator = (n: number) => `0x${String(n).repeat(40)}` as Address;
const UNASKED = 'A change was made that no measure asked for so.';
const UNCHANGED = 'A measure was carried out and did not change what the members voted for.';
const UNOPENED = 'A measure was opened without the vote that opens it.';
const refused = (code: string) => `An act was recorded that the ledger refuses: ${code}.`;

type Told = readonly [name: EventName, args: object];
/** A measure in the place of one that was carried out, and the changes that follow it. */
interface Retold {
  readonly part: Partial<Measure>;
  readonly changes?: readonly Told[];
  /** Events in the place of the one that opens it. */
  readonly opening?: (event: EventOf<'MeasureOpened'>) => readonly LedgerEvent[];
}

describe('what members may vote on, told otherwise', function () {
  this.timeout(300_000);
  let now = START;
  let world: World;
  let blocks: readonly EventBlock[];
  let plain: readonly EventBlock[];
  let chainId: bigint;
  let opened: readonly EventOf<'MeasureOpened'>[];
  /** The last history of each verdict, for the auditor in Python to judge too: each takes it seconds. */
  const judged = new Map<string, Judged>();

  before(async () => {
    world = await openWorld({ folder: temporaryFolder(), clock: () => now });
    await world.found(MEMBERS, { quorum: 3, wideningWaitSeconds: 0 });
    ({ chainId } = world.chain.genesis);
    for (const after of [0n, 2n * HOUR, 8n * HOUR, 0n, 0n, 0n]) {
      now += after;
      await carryOut(named('a policy'));
    }
    blocks = await world.shownBlocks();
    // No call shows a ballot, so that who forges one forges no signature.
    plain = blocks.map((block) => Object.assign({}, block, { shown: new Map() }));
    opened = plain.flatMap(({ events }) =>
      events.filter((event): event is EventOf<'MeasureOpened'> => event.name === 'MeasureOpened'),
    );
  });
  after(async () => {
    await world.close();
    removeTemporaryFolders();
  });

  async function carryOut(name: Bytes32): Promise<void> {
    const measure = {
      ...{ kind: numberOf(MEASURE_KINDS, 'set-policy'), institution: 0, target: ZERO_ADDRESS, name },
      ...{ value: 5n, appointmentsHash: ZERO_32, closesAt: now + 50n * DAY, salt: world.nextSalt() },
    };
    for (const by of VOTERS) {
      const ballot = { measure, inFavour: true, officer: by.officer, epoch: by.epoch };
      await world.order('council', 'vote', by, ballot);
    }
    await world.send(world.addresses.council, encodeCall('council', 'execute', [measure, [], []]));
  }

  const idOf = (measure: Measure) => {
    const identity = { chainId: Number(chainId), ledgerNonce: LEDGER_NONCE };
    const domain = registerDomain('consortium', identity, world.addresses.consortium);
    return signedDigest(domainSeparator(domain), measureHash(measure));
  };

  /** What says so of a measure under another name, with an entry of it. */
  function renamed(event: LedgerEvent, from: Bytes32, measure: Measure): LedgerEvent {
    const measureId = idOf(measure);
    if (event.name === 'EntryRecorded' && event.args.entryId === from) {
      const kind = MEASURE_KIND_BASE + numberOf(MEASURE_KINDS, measure.kind);
      const said = { newState: measureHash(measure), subject: measureSubject(measure) };
      return withArgs(event, { entryId: measureId, kind, ...said });
    }
    const isOfIt = 'measureId' in event.args && event.args.measureId === from;
    if (!isOfIt) return event;
    const whole = event.name === 'MeasureOpened' ? { measureId, measure } : { measureId };
    return withArgs(event as EventOf<'MeasureOpened'>, whole);
  }

  function history(told: Readonly<Record<number, Retold>>): EventBlock[] {
    const retold = Object.entries(told).reduce(
      (history_, [nth, { part, changes, opening }]) => {
        const { measureId, measure } = opened[Number(nth)]?.args ?? expect.fail(`no measure ${nth}`);
        const executed = plain
          .flatMap(({ events }) => events)
          .find(
            ({ name, args }) =>
              name === 'MeasureExecuted' && 'measureId' in args && args.measureId === measureId,
          );
        return history_.map((block) => ({
          ...block,
          events: block.events.flatMap((event): readonly LedgerEvent[] => {
            const isOfIt = event.transactionHash === executed?.transactionHash;
            if (event.name === 'PolicyChanged' && isOfIt && changes !== undefined) {
              return changes.map(([name, args]) => placed(event, name, args));
            }
            const next = renamed(event, measureId, { ...measure, ...part });
            const isOpening = next.name === 'MeasureOpened' && event !== next;
            return isOpening && opening !== undefined ? opening(next) : [next];
          }),
        }));
      },
      [...plain],
    );
    return resealed(retold, { chainId, officers: MEMBERS });
  }

  /** Each event is of the contract that emits it. */
  function placed(event: LedgerEvent, name: EventName, args: object): LedgerEvent {
    const made = inPlaceOf(event, name, args);
    const { safeguards, consortium } = world.addresses;
    if (name === 'HaltRecorded')
      return { ...made, contract: 'safeguards', address: safeguards } as LedgerEvent;
    const isOfCharter = /^(Validator|RegisterNamed|AuthorityChanged)/.test(name);
    return {
      ...made,
      ...(isOfCharter
        ? { contract: 'charter', address: CHARTER }
        : { contract: 'consortium', address: consortium }),
    } as LedgerEvent;
  }

  function said(told: Readonly<Record<number, Retold>>): string[] {
    const forged = history(told);
    const { findings } = replayed(chainId, forged);
    const found = [...new Set(findings.map(({ what }) => what))].sort();
    judged.set(found.join(), { history: forged, findings });
    return found;
  }

  /** A measure of no name and no value of its own. */
  const of = (kind: Measure['kind'], part: Partial<Measure>, ...changes: readonly Told[]): Retold => ({
    part: { kind, name: ZERO_32, value: 0n, ...part },
    changes,
  });
  const institution = (number: number) => number as Measure['institution'];
  const suspends = (number: number) =>
    of('suspend-institution', { institution: institution(number) }, [
      'InstitutionSuspended',
      { institution: number, until: now + 30n * DAY },
    ]);
  const lifts = (number: number) =>
    of('lift-suspension', { institution: institution(number) }, [
      'SuspensionLifted',
      { institution: number },
    ]);

  it('is sound as it was, and where it is told of other measures that the ledger takes', () => {
    expect(said({})).to.deep.equal([]);
    expect(said({ 5: suspends(4) })).to.deep.equal([]);
    expect(said({ 4: suspends(4), 5: lifts(4) })).to.deep.equal([]);
    expect(said({ 0: { part: { closesAt: START + 60n * DAY } } })).to.deep.equal([]);
  });

  it('names a measure that is malformed, or open for longer than members may vote (P4)', () => {
    const malformed = [refused('measure-malformed')];
    for (const part of [
      ...[{ institution: institution(2) }, { target: VERIFIER }, { name: ZERO_32 }],
      ...[{ appointmentsHash: named('nobody') }],
    ]) {
      const changes = [['PolicyChanged', { name: part.name ?? named('a policy'), value: 5n }]] as const;
      const own = said({ 0: { part, changes } });
      expect(own, Object.keys(part).join()).to.include.members(malformed);
    }
    expect(said({ 0: { part: { institution: institution(2) } } })).to.deep.equal(malformed);
    expect(said({ 0: { part: { closesAt: START + 60n * DAY + 1n } } })).to.deep.equal([
      refused('voting-too-long'),
    ]);
  });

  it('names a measure that another opened, and more than eight at once of one institution (P4, P7)', () => {
    const opens = (openedBy: number): Retold => ({
      part: { salt: 7n },
      opening: (event) => [withArgs(event, { openedBy })],
    });
    expect(said({ 0: opens(1) })).to.deep.equal([]);
    expect(said({ 0: opens(2) })).to.deep.equal([UNOPENED]);
    const crowd = (by: Officer, count: number): Retold => ({
      part: { salt: 7n },
      opening: (event) => [
        ...Array.from({ length: count }).flatMap((_, i) => {
          const measure = { ...event.args.measure, salt: BigInt(100 + i) };
          const [measureId, own] = [idOf(measure), by.institution];
          const vote = { measureId, institution: own, officer: by.officer, inFavour: true };
          return [withArgs(event, { measureId, measure, openedBy: own }), inPlaceOf(event, 'VoteCast', vote)];
        }),
        event,
      ],
    });
    expect(said({ 0: crowd(PREPARER, 7) })).to.deep.equal([]);
    expect(said({ 0: crowd(PREPARER, 8) })).to.deep.equal([refused('too-many-open-measures')]);
    expect(said({ 0: crowd(SECOND_PREPARER, 8) })).to.deep.equal([]);
  });

  it('names a change that did not come, came twice, or is of a key of another kind (P4)', () => {
    expect(said({ 0: { part: {}, changes: [] } })).to.deep.equal([UNCHANGED]);
    const once = ['PolicyChanged', { name: named('a policy'), value: 5n }] as const;
    expect(said({ 0: { part: {}, changes: [once, once] } })).to.deep.equal([UNASKED]);
    const allows = (kind: string) =>
      of('allow-verifier', { target: VERIFIER, value: 2n }, [
        'VerifierAllowed',
        { verifier: VERIFIER, kind },
      ]);
    expect(said({ 0: allows('p256') })).to.deep.equal([]);
    expect(said({ 0: allows('webauthn') })).to.deep.equal([UNASKED]);
    const revokes = of('revoke-officer', { name: FOURTH.officer });
    expect(said({ 0: revokes })).to.deep.equal([UNCHANGED]);
    const seated = of('set-quorum', { value: 2n }, ['QuorumChanged', { quorum: 2 }]);
    expect(said({ 0: seated })).to.deep.equal([]);
  });

  it('names a measure after which fewer members are active than the quorum (P9)', () => {
    expect(said({ 4: suspends(4), 5: suspends(3) })).to.deep.equal([refused('members-below-quorum')]);
  });

  it('names what an institution was admitted, suspended, given or made to wait against the rules', () => {
    const unchanged = [refused('institution-unchanged')];
    expect(said({ 4: suspends(4), 5: suspends(4) })).to.deep.equal(unchanged);
    expect(said({ 5: lifts(4) })).to.deep.equal(unchanged);
    expect(said({ 5: suspends(9) })).to.deep.equal([refused('institution-unknown')]);
    // A lifted one rests as long as one that ended.
    const soon = [refused('suspension-too-soon')];
    expect(said({ 3: suspends(4), 4: lifts(4), 5: suspends(4) })).to.deep.equal(soon);
    const gives = (roles: number) =>
      of('set-institution-roles', { institution: institution(4), value: BigInt(roles) }, [
        'InstitutionRolesChanged',
        { institution: 4, roles },
      ]);
    expect(said({ 5: gives(ALL_ROLES) })).to.deep.equal(unchanged);
    expect(said({ 5: gives(2 ** 14 + ALL_ROLES) })).to.deep.equal([refused('roles-out-of-range')]);
    expect(said({ 5: gives(ALL_ROLES - 1) })).to.deep.equal([refused('roles-out-of-range')]);
    for (const [kind, name] of [
      ['set-widening-wait', 'WideningWaitChanged'],
      ['set-appointment-wait', 'AppointmentWaitChanged'],
    ] as const) {
      const waits = (seconds: bigint) =>
        of(kind, { value: seconds }, [name, { waitSeconds: Number(seconds) }]);
      expect(said({ 5: waits(DAY) }), kind).to.deep.equal([]);
      expect(said({ 5: waits(DAY - 1n) }), kind).to.deep.equal([refused('wait-out-of-range')]);
      expect(said({ 5: waits(90n * DAY + 1n) }), kind).to.deep.equal([refused('wait-out-of-range')]);
    }
    const admins = ['one', 'other'].map((name) => officerOf(4, `${name} that comes`));
    const appointments = admins.map((admin) => appointmentOf(admin, ALL_ROLES));
    const admitted = of(
      'admit-institution',
      {
        ...{ institution: institution(4), value: BigInt(ALL_ROLES) },
        appointmentsHash: appointmentsHashOf(appointments),
      },
      ['InstitutionAdmitted', { institution: 4, roles: ALL_ROLES }],
      ...appointments.map((each, i): Told => {
        const { key, spare, ...rest } = each as never as Record<'key' | 'spare', { kind: number }>;
        const secp = (one: { kind: number }) => ({ ...one, kind: 'secp256k1' });
        const keys = { key: secp(key), spare: secp(spare) };
        return ['OfficerAppointed', { ...rest, ...keys, officer: admins[i]?.officer, activeFrom: now }];
      }),
    );
    expect(said({ 5: admitted })).to.deep.equal([refused('institution-number-taken')]);
  });

  it('names a successor that begins with whom the one before had ended (P11)', () => {
    const founding: Founding = {
      ...{
        ledgerNonce: ZERO_32,
        institutions: [{ institution: institution(2), roles: ALL_ROLES }],
        offices: [],
      },
      ...{
        officers: [
          { officer: FOURTH.officer, key: { keyHash: named('a key') }, spare: { keyHash: named('a spare') } },
        ] as unknown as Founding['officers'],
        verifiers: [],
        policies: [],
      },
      ...{ validators: [], quorum: 1, wideningWaitSeconds: 0, appointmentWaitSeconds: 0 },
    };
    const decided = {
      isSeated: false,
      members: 0,
      wideningWait: 0,
      appointmentWait: 0n,
      policies: new Map(),
    };
    const isWeak = (ended: unknown) =>
      isWeaker(founding, {
        ...decided,
        isExpelled: (one) => one === ended,
        mayHold: (officer, keyHash) => officer === FOURTH.officer && keyHash !== ended,
      });
    expect(isWeak(undefined)).to.equal(false);
    expect(isWeak(named('a key')), 'a key that ended').to.equal(true);
    expect(isWeak(named('a spare')), 'a spare that is not in force for the officer').to.equal(true);
    expect(isWeak(2), 'an institution that was expelled').to.equal(true);
  });

  it('names officers, offices, verifiers and policies that a measure could not change', () => {
    const disallows = of('disallow-verifier', { target: VERIFIER }, [
      'VerifierDisallowed',
      { verifier: VERIFIER },
    ]);
    expect(said({ 0: disallows })).to.deep.equal([refused('verifier-not-allowed')]);
    const allows = of('allow-verifier', { target: VERIFIER, value: 1n }, [
      'VerifierAllowed',
      { verifier: VERIFIER, kind: 'secp256k1' },
    ]);
    expect(said({ 0: allows })).to.deep.equal([refused('verifier-not-allowed')]);
    const moves = (office: number, keeper: number) =>
      of('move-office', { institution: institution(keeper), value: BigInt(office) }, [
        'OfficeMoved',
        { office, keeper },
      ]);
    expect(said({ 0: moves(1, 2) })).to.deep.equal([]);
    expect(said({ 0: moves(1, 1) })).to.deep.equal([refused('office-unchanged')]);
    expect(said({ 0: moves(0, 2) })).to.deep.equal([refused('office-unchanged')]);
    expect(said({ 0: moves(2, 9) })).to.deep.equal([refused('institution-unknown')]);
    const bare = { revoker: ZERO_32, suspectSince: 0n, caseReference: ZERO_32 };
    const revokes = of('revoke-officer', { name: FOURTH.officer }, [
      'OfficerRevoked',
      { officer: FOURTH.officer, ...bare },
    ]);
    expect(said({ 0: revokes })).to.deep.equal([]);
    expect(said({ 0: revokes, 1: revokes })).to.deep.equal([refused('officer-is-revoked')]);
    const frees = of('free-officer', { name: FOURTH.officer }, [
      'OfficerFreed',
      { officer: FOURTH.officer, caseReference: ZERO_32 },
    ]);
    expect(said({ 0: frees })).to.deep.equal([refused('officer-not-suspended')]);
  });

  it('names a validator that was added, removed or replaced against the rules (P9)', () => {
    const adds = (n: number, own: number) =>
      of('add-validator', { institution: institution(own), target: validator(n) }, [
        'ValidatorAdded',
        { validator: validator(n) },
      ]);
    const removes = (n: number) =>
      of('remove-validator', { target: validator(n) }, ['ValidatorRemoved', { validator: validator(n) }]);
    const replaces = (n: number, by: number, own: number) =>
      of(
        'replace-validator',
        { institution: institution(own), target: validator(by), name: wordOf(BigInt(validator(n))) },
        ['ValidatorAdded', { validator: validator(by) }],
        ['ValidatorRemoved', { validator: validator(n) }],
      );
    // The node seals for the first institution.
    const three = { 0: adds(1, 2), 1: adds(2, 3) };
    const four = { ...three, 2: adds(3, 4) };
    const [sameSet, few] = [[refused('validator-set-unchanged')], [refused('too-few-validators')]];
    expect(said({ ...four, 4: replaces(1, 9, 2) })).to.deep.equal([]);
    expect(said({ ...four, 4: replaces(1, 9, 1) })).to.deep.equal(sameSet);
    expect(said({ ...four, 4: replaces(8, 9, 1) })).to.deep.equal(sameSet);
    expect(said({ ...three, 3: adds(3, 1) })).to.deep.equal([refused('validators-concentrated')]);
    expect(said({ ...three, 3: adds(3, 9) })).to.deep.equal([refused('institution-unknown')]);
    expect(said({ ...three, 3: adds(2, 4) })).to.deep.equal(sameSet);
    expect(said({ ...four, 4: removes(1) })).to.deep.equal(few);
    expect(said({ ...three, 3: removes(9) })).to.deep.equal(sameSet);
  });

  it('names a register that was put in force beside the directory (P9)', () => {
    const { personnel } = world.addresses;
    const puts = (name: Bytes32, target: Address) =>
      of('put-in-force', { name, target }, ['RegisterNamed', { name, register: target }]);
    expect(said({ 0: puts(named('a name'), validator(8)) })).to.deep.equal([refused('register-not-listed')]);
    const twice = said({ 0: puts(directoryHash('Personnel'), personnel) });
    expect(twice).to.include.members([refused('register-named-twice'), UNCHANGED]);
  });

  it('names a halt that is too short, or over a silence that no register keeps (P10)', () => {
    const halts = (from: bigint, to: bigint) =>
      of('record-halt', { name: wordOf((from << 64n) | to), value: 1n }, ['HaltRecorded', { from, to }]);
    const second = START + 2n * HOUR;
    expect(said({ 5: halts(second, now - 1n) })).to.deep.equal([]);
    const early = 'A halt was recorded too late, or before it was over.';
    expect(said({ 5: halts(second, now) })).to.deep.equal([early]);
    expect(said({ 5: halts(second, second + HOUR - 1n) })).to.deep.equal([refused('halt-out-of-range')]);
    expect(said({ 5: halts(START, second) })).to.deep.equal([refused('halt-not-silent')]);
  });

  it('has the same verdict on each of these histories from the auditor in Python', async function () {
    needsPython(this);
    const trust = writeTrust(await trustOf(world));
    const node = { chain: world.chain, key: fromHex(named('node key')) };
    expect(await differingFrom(node, blocks, [...judged.values()], trust)).to.deep.equal([]);
    expect(judged.size).to.be.above(20);
    console.log(`      python audit | ${judged.size} histories of measures | the same found in each`);
  });
});
