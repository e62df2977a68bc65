/**
 * What members decide and whose keys come, from what the chain shows: each part of a ballot, a measure, an appointment and a
 * change told otherwise, in an otherwise honest history; by both auditors.
 */
import { expect } from 'chai';
import type { EventBlock, EventName, EventOf, ShownCall } from '../../../../server/domain/acts/events.ts';
import { writeTrust } from '../../../../server/domain/audit/trust.ts';
import {
  type Bytes32,
  fromHex,
  type Hex,
  ZERO_32,
  ZERO_ADDRESS,
} from '../../../../server/domain/base/hex.ts';
import { MEASURE_KINDS, numberOf } from '../../../../server/domain/base/terms.ts';
import { appointmentsHashOf } from '../../../../server/domain/power/measures.ts';
import { encodeCall } from '../../../../server/ledger/contracts.ts';
import { bentBy, replayed, withArgs } from '../../../chain/bent.ts';
import { appoint, enact, playPower } from '../../../chain/powerScenes.ts';
import { resealed } from '../../../chain/resealed.ts';
import { appointmentOf, keyRecord, named, officerOf, possessionsOf } from '../../../chain/signing.ts';
import { foundWorld, OFFICERS, PREPARER, SECOND_PREPARER, type World } from '../../../chain/world.ts';
import { needsPython } from '../../../verifier/python.ts';
import { differingFrom, type Judged } from '../../../verifier/sameFound.ts';
import { trustOf } from '../../../verifier/worldTrust.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

const NODE_KEY = fromHex(named('node key'));
const NO_SIGNATURE = `0x${'11'.repeat(64)}` as Hex;
/** Every role but to vote, so that it can be expelled again, and one that is added later. */
const OF_THIRD = 2 ** 14 - 1 - 64 - 1;
const UNSIGNED = 'A vote is not the one that its officer signed.';
const NOT_THEN = 'A vote was cast by who could not cast it then.';
const UNASKED = 'A change was made that no measure asked for so.';
const UNHELD = 'An act was recorded that the ledger refuses: key-not-possessed.';

describe('what members decide and whose keys come, told otherwise', function () {
  this.timeout(300_000);
  let world: World;
  let blocks: readonly EventBlock[];
  let chainId: bigint;
  /** Every history that was judged here, for the auditor in Python to judge too. */
  const judged: Judged[] = [];

  before(async () => {
    world = await foundWorld({ folder: temporaryFolder() });
    await appoint(world, officerOf(1, 'another'), 0, 2);
    await playPower(world);
    await admitThird(world);
    await enact(world, 'move-office', { institution: 2, value: 7n });
    await enact(world, 'set-institution-roles', { institution: 3, value: BigInt(OF_THIRD | 1) });
    await enact(world, 'set-appointment-wait', { value: 259_200n });
    await enact(world, 'revoke-officer', { name: officerOf(1, 'another').officer });
    await enact(world, 'suspend-institution', { institution: 3 });
    await enact(world, 'lift-suspension', { institution: 3 });
    await enact(world, 'expel-institution', { institution: 3 });
    blocks = await world.shownBlocks();
    ({ chainId } = world.chain.genesis);
  });
  after(async () => {
    await world.close();
    removeTemporaryFolders();
  });

  function said(history: readonly EventBlock[]): string[] {
    const { findings } = replayed(chainId, history);
    judged.push({ history, findings });
    return [...new Set(findings.map(({ what }) => what))];
  }

  /** The nth call of a method with other arguments. */
  function shownAs(method: string, nth: number, change: (args: ShownCall['args']) => object): EventBlock[] {
    let left = nth;
    const bent = blocks.map((block) => {
      const shown = new Map<Bytes32, ShownCall>();
      for (const [hash, call] of block.shown ?? []) {
        const isIt = call.method === method && left-- === 0;
        shown.set(hash, isIt ? { ...call, args: { ...call.args, ...change(call.args) } } : call);
      }
      return { ...block, shown };
    });
    expect(left, `${method} ${nth}`).to.be.below(0);
    return bent;
  }

  /** The nth event of a name with other values; undefined leaves it out. */
  const told = <N extends EventName>(name: N, nth: number, part: object | undefined) =>
    said(bentBy(blocks, name, nth, (event) => part && withArgs(event, part)));
  const sealed = <N extends EventName>(name: N, nth: number, part: object) =>
    said(
      resealed(
        bentBy(blocks, name, nth, (event) => withArgs(event, part)),
        { chainId, officers: OFFICERS },
      ),
    );

  it('is sound with every ballot and every key shown, and counts them where none is', () => {
    const whole = replayed(chainId, blocks);
    judged.push({ history: blocks, findings: whole.findings });
    expect(whole.findings).to.deep.equal([]);
    expect(whole.signatures.notShown).to.equal(0);
    const events = blocks.flatMap((block) => block.events);
    const due = events.reduce((sum, { name }) => {
      if (name === 'VoteCast' || name === 'KeyRotated') return sum + 1;
      return name === 'OfficerAppointed' ? sum + 2 : sum;
    }, 0);
    const founders = (events.find(({ name }) => name === 'ConsortiumFounded') as EventOf<'ConsortiumFounded'>)
      .args.founding.officers.length;
    const withoutPower = blocks.map((block) => {
      const left = [...(block.shown ?? [])].filter(([, { method }]) => !OF_POWER.has(method));
      return { ...block, shown: new Map(left) };
    });
    const hidden = replayed(chainId, withoutPower);
    expect(hidden.findings).to.deep.equal([]);
    expect(hidden.signatures.notShown).to.equal(due + 2 * founders);
    expect(hidden.signatures.checked).to.equal(whole.signatures.checked - due - 2 * founders);
  });

  it('names a ballot that is another than the vote that is counted, or not by its officer (P4)', () => {
    const bent = (part: object) =>
      said(shownAs('vote', 1, ({ ballot }) => ({ ballot: { ...(ballot as object), ...part } })));
    expect(said(shownAs('vote', 1, () => ({ signature: NO_SIGNATURE })))).to.deep.equal([UNSIGNED]);
    expect(bent({ inFavour: false }), 'against').to.deep.equal([UNSIGNED]);
    expect(bent({ officer: named('another') }), 'another officer').to.deep.equal([UNSIGNED]);
    expect(bent({ officer: PREPARER.officer }), 'who voted before').to.deep.equal([UNSIGNED]);
    // Of a key that the officer has, and did not sign with; and of one that nobody had.
    expect(bent({ epoch: 2 }), 'the spare key').to.deep.equal([UNSIGNED]);
    expect(bent({ epoch: 3 }), 'no key').to.deep.equal([UNSIGNED, NOT_THEN]);
    for (const part of [
      ...[{ kind: 'set-quorum' }, { institution: 2 }, { target: `0x${'22'.repeat(20)}` }],
      ...[{ name: named('another policy') }, { value: 6n }, { appointmentsHash: named('others') }],
      ...[{ closesAt: 9n }, { salt: 1n << 90n }],
    ]) {
      const measured = shownAs('vote', 1, ({ ballot }) => {
        const { measure } = ballot as { readonly measure: object };
        return { ballot: { ...(ballot as object), measure: { ...measure, ...part } } };
      });
      expect(said(measured), Object.keys(part).join()).to.deep.equal([UNSIGNED]);
    }
  });

  it('names a vote that is told of another measure, officer, institution or side than was cast (P3, P4)', () => {
    expect(told('VoteCast', 1, { inFavour: false })).to.include(UNSIGNED);
    expect(told('VoteCast', 1, { officer: PREPARER.officer })).to.include.members([UNSIGNED, NOT_THEN]);
    expect(told('VoteCast', 1, { institution: 1 })).to.include.members([
      NOT_THEN,
      'A vote was cast that does not count.',
    ]);
    expect(told('VoteCast', 1, { measureId: named('another') })).to.include(
      'A measure that is not open was voted on or carried out.',
    );
    expect(told('VoteCast', 1, undefined)).to.include(
      'A measure was carried out without a quorum of the members.',
    );
    const again = bentBy(blocks, 'VoteCast', 1, (event) => [event, event]);
    expect(said(again)).to.include('A vote was cast that does not count.');
  });

  it('names a measure that is told otherwise than it was opened, waited for and carried out (P4, P5, P8)', () => {
    const [opened] = blocks.flatMap(({ events }) => events.filter(({ name }) => name === 'MeasureOpened'));
    const { measure } = (opened as EventOf<'MeasureOpened'>).args;
    for (const part of [
      ...[{ kind: 'set-quorum' }, { institution: 2 }, { target: `0x${'22'.repeat(20)}` }],
      ...[{ name: named('another policy') }, { value: 6n }, { appointmentsHash: named('others') }],
      ...[{ closesAt: 9n }, { salt: 1n << 90n }],
    ]) {
      expect(
        told('MeasureOpened', 0, { measure: { ...measure, ...part } }),
        Object.keys(part).join(),
      ).to.include('A measure was opened under a name that is not its own.');
    }
    expect(told('MeasureOpened', 0, { openedBy: 9 })).to.include('A measure was opened by who has no vote.');
    expect(told('MeasureOpened', 0, undefined)).to.include(
      'A measure that is not open was voted on or carried out.',
    );
    const twice = bentBy(blocks, 'MeasureOpened', 0, (event) => [event, event]);
    expect(said(twice)).to.include('A measure was opened twice.');
    expect(told('MeasureScheduled', 0, { executableFrom: 1n })).to.deep.equal([
      'A wait is not the one that votes and constitution give.',
    ]);
    expect(told('MeasureExecuted', 0, undefined)).to.include(
      'An entry is of no measure that the members carried out.',
    );
    const carriedOut = bentBy(blocks, 'MeasureExecuted', 0, (event) => [event, event]);
    expect(said(carriedOut)).to.include.members([
      'A measure that is not open was voted on or carried out.',
      'A measure was carried out and is no entry.',
    ]);
    const lapsed = bentBy(blocks, 'MeasureExecuted', 0, (event) => [
      { ...event, name: 'MeasureLapsed' } as never,
      event,
    ]);
    expect(said(lapsed)).to.include('A measure lapsed while it could be carried out.');
  });

  it('names a change with another value than the members voted for, or none (P4)', () => {
    const changes: readonly (readonly [EventName, object])[] = [
      ['PolicyChanged', { value: 6n }],
      ['PolicyChanged', { name: named('another policy') }],
      ['InstitutionAdmitted', { institution: 4 }],
      ['InstitutionAdmitted', { roles: 1 }],
      ['OfficeMoved', { office: 8 }],
      ['OfficeMoved', { keeper: 1 }],
      ['InstitutionRolesChanged', { roles: 2 }],
      ['InstitutionRolesChanged', { institution: 1 }],
      ['AppointmentWaitChanged', { waitSeconds: 259_201 }],
      ['InstitutionSuspended', { institution: 2 }],
      ['SuspensionLifted', { institution: 2 }],
      ['InstitutionExpelled', { institution: 2 }],
    ];
    for (const [name, part] of changes) {
      expect(told(name, 0, part), `${name} ${Object.keys(part)}`).to.include(UNASKED);
    }
    expect(told('InstitutionSuspended', 0, { until: 9n })).to.include(
      'A suspension has another end than all.',
    );
    // One that follows no vote at all: the change of another transaction, told twice.
    const moved = bentBy(blocks, 'MeasureScheduled', 0, (event) => [
      event,
      { ...event, name: 'PolicyChanged', ...CONSORTIUM_OF(world), args: POLICY_ARGS } as never,
    ]);
    expect(said(moved)).to.deep.equal([UNASKED]);
    const revoked = told('OfficerRevoked', 2, { officer: PREPARER.officer });
    expect(revoked).to.include('Power changed without an entry that says so.');
  });

  it('names officers whom the members appointed otherwise than they voted (P4)', () => {
    const nth = 2; // two admins appointed two before
    const asked = 'An officer was appointed by no measure.';
    const other = 'Other officers were appointed than were voted on.';
    expect(told('OfficerAppointed', nth, { institution: 2 })).to.include.members([asked, other]);
    expect(told('OfficerAppointed', nth, { activeFrom: 5n })).to.include(asked);
    expect(told('OfficerAppointed', nth, { officer: named('another') })).to.include(asked);
    for (const part of [{ office: 9 }, { roles: 1 }, { salt: named('salt') }]) {
      expect(told('OfficerAppointed', nth, part), Object.keys(part).join()).to.include(other);
    }
    expect(told('OfficerAppointed', nth, undefined)).to.include(other);
    // And such as no consortium takes, whoever voted: a role that is not the institution's, and a key that is another's.
    const refused = (code: string) => `An act was recorded that the ledger refuses: ${code}.`;
    expect(told('OfficerAppointed', nth, { roles: 64 })).to.include(refused('roles-out-of-range'));
    const spare = Object.assign({}, keyRecord(PREPARER), { kind: 'secp256k1' });
    expect(told('OfficerAppointed', nth, { spare })).to.include(refused('key-already-used'));
    expect(told('OfficerRevoked', 2, { caseReference: named('a case') })).to.include(
      'Power changed without an entry that says so.',
    );
  });

  it('names a key that came and that nobody showed to hold (P3)', () => {
    for (const one of ['key', 'spare']) {
      const with_ = (possessions: unknown) => ({ ...(possessions as object), [one]: NO_SIGNATURE });
      const second = (possessions: unknown) =>
        (possessions as object[]).map((each, i) => (i === 1 ? with_(each) : each));
      const came = shownAs('appointOfficer', 0, ({ possessions }) => ({ possessions: with_(possessions) }));
      expect(said(came), one).to.deep.equal([UNHELD]);
      for (const [method, nth] of [['constructor', 0] as const, ['execute', 1] as const]) {
        const bent = shownAs(method, nth, ({ possessions }) => ({ possessions: second(possessions) }));
        expect(said(bent), `${one} of ${method}`).to.deep.equal([UNHELD]);
      }
    }
    expect(said(shownAs('rotateKey', 0, () => ({ possession: NO_SIGNATURE })))).to.deep.equal([UNHELD]);
    // Each key showed it for its own record alone.
    const swapped = shownAs('constructor', 0, ({ possessions }) => ({
      possessions: (possessions as object[]).toReversed(),
    }));
    expect(said(swapped)).to.deep.equal([UNHELD]);
  });

  it('names a key that showed it for another officer, epoch or institution (P3)', () => {
    expect(sealed('OfficerAppointed', 0, { institution: 2 })).to.include(UNHELD);
    expect(sealed('OfficerAppointed', 0, { officer: named('another') })).to.include(UNHELD);
    expect(sealed('KeyRotated', 0, { epoch: 4 })).to.include(UNHELD);
    expect(sealed('KeyRotated', 0, { officer: named('another') })).to.include(UNHELD);
  });

  it('has the same verdict on each of these histories from the auditor in Python', async function () {
    needsPython(this);
    const trust = writeTrust(await trustOf(world));
    const node = { chain: world.chain, key: NODE_KEY };
    expect(await differingFrom(node, blocks, judged, trust)).to.deep.equal([]);
    expect(judged.length).to.be.above(60);
    console.log(`      python audit | ${judged.length} histories of power | the same found in each`);
  });
});

const OF_POWER: ReadonlySet<string> = new Set([
  'vote',
  'appointOfficer',
  'rotateKey',
  'execute',
  'constructor',
]);
const POLICY_ARGS = { name: named('a policy'), value: 7n };
const CONSORTIUM_OF = ({ addresses }: World) =>
  ({ address: addresses.consortium, contract: 'consortium' }) as const;

/** A third institution, with the officers that manage it. */
async function admitThird(world: World): Promise<void> {
  const admins = ['one', 'other'].map((name) => officerOf(3, `${name} of the third`));
  const appointments = admins.map((admin) => appointmentOf(admin, OF_THIRD));
  const domain = world.domainOf('consortium');
  const measure = {
    ...{ kind: numberOf(MEASURE_KINDS, 'admit-institution'), institution: 3, target: ZERO_ADDRESS },
    ...{ name: ZERO_32, value: BigInt(OF_THIRD), appointmentsHash: appointmentsHashOf(appointments) },
    ...{ closesAt: BigInt(Math.floor(Date.now() / 1000)) + 3_600n, salt: world.nextSalt() },
  };
  for (const by of [PREPARER, SECOND_PREPARER]) {
    const ballot = { measure, inFavour: true, officer: by.officer, epoch: by.epoch };
    await world.order('council', 'vote', by, ballot);
  }
  const possessions = admins.map((admin) => possessionsOf(admin, domain));
  const args = [measure, appointments, possessions] as never;
  await world.send(world.addresses.council, encodeCall('council', 'execute', args));
}
