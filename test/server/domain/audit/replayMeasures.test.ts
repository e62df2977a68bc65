/** The auditor's own count of votes: every way in which a measure can be another than the one voted on, alone. */
import { expect } from 'chai';
import type { EventBlock, LedgerEvent, Measure } from '../../../../server/domain/acts/events.ts';
import { hashStruct } from '../../../../server/domain/acts/typedData.ts';
import { type Address, wordOf, ZERO_32, ZERO_ADDRESS } from '../../../../server/domain/base/hex.ts';
import { MEASURE_KINDS, roleBits } from '../../../../server/domain/base/terms.ts';
import { hashOfWords } from '../../../../server/domain/land/hashes.ts';
import { POWER_TYPES } from '../../../../server/domain/power/acts.ts';
import { officerIdOf } from '../../../../server/domain/power/possession.ts';
import { replayed } from '../../../chain/bent.ts';
import { playPower } from '../../../chain/powerScenes.ts';
import { named } from '../../../chain/signing.ts';
import { foundWorld } from '../../../chain/world.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

import {
  brokenBy,
  CONSORTIUM,
  DAY,
  idOf,
  Ledger,
  MANAGE,
  noticeDays,
  policy,
  quorum,
  raised,
  START,
  suspended,
  suspension,
  VALIDATORS,
  VERIFIER,
  VOTE,
  voterOf,
  WAIT,
} from './toldLedger.ts';

describe('the votes of the members, counted again', () => {
  it('carry out what reached its quorum and waited, once', () => {
    expect(brokenBy((ledger) => ledger.carryOut(policy(ledger), [noticeDays()]))).to.deep.equal([]);
    expect(
      brokenBy((ledger) => ledger.carryOut(suspension(ledger, 4), [suspended(ledger, 4)])),
    ).to.deep.equal([]);
    const twice = brokenBy((ledger) => {
      const measure = policy(ledger);
      ledger.carryOut(measure, [noticeDays()]);
      ledger.execute(measure, [noticeDays()]);
    });
    expect(twice).to.include('P4');
  });

  it('name a measure that was carried out without a quorum of the members of that moment', () => {
    const alone = brokenBy((ledger) => {
      const measure = policy(ledger);
      ledger.open(measure);
      ledger.now += WAIT;
      ledger.execute(measure, [noticeDays()]);
    });
    expect(alone).to.include('P4');
    const takenBack = brokenBy((ledger) => {
      const measure = policy(ledger);
      ledger.open(measure);
      ledger.vote(measure, 2);
      ledger.now += WAIT;
      ledger.vote(measure, 2, false);
      ledger.execute(measure, [noticeDays()]);
    });
    expect(takenBack).to.include('P4');
    const bySuspended = brokenBy((ledger) => {
      const measure = policy(ledger);
      ledger.open(measure, 3);
      ledger.vote(measure, 4);
      ledger.carryOut(suspension(ledger, 4), [suspended(ledger, 4)]);
      ledger.now += WAIT;
      ledger.execute(measure, [noticeDays()]);
    });
    expect(bySuspended).to.include('P4');
    const raisedMeanwhile = brokenBy((ledger) => {
      const measure = policy(ledger);
      ledger.open(measure);
      ledger.vote(measure, 2);
      ledger.carryOut(quorum(ledger, 3), [raised(3)]);
      ledger.execute(measure, [noticeDays()]);
    });
    expect(raisedMeanwhile).to.deep.equal(['P4', 'P5']);
  });

  it('name a measure that was carried out before its wait, or after its time', () => {
    for (const after of [0, WAIT - 1]) {
      const early = brokenBy((ledger) => ledger.carryOut(policy(ledger), [noticeDays()], { after }));
      expect(early, String(after)).to.deep.equal(['P5']);
    }
    const late = brokenBy((ledger) =>
      ledger.carryOut(policy(ledger), [noticeDays()], { after: WAIT + 30 * DAY + 1 }),
    );
    expect(late).to.deep.equal(['P5']);
    const halted = brokenBy((ledger) => {
      ledger.halts = [{ from: START + WAIT - 10, to: START + WAIT }];
      ledger.carryOut(policy(ledger), [noticeDays()]);
    });
    expect(halted).to.deep.equal(['P5']);
    const anew = brokenBy((ledger) => {
      const measure = policy(ledger);
      ledger.open(measure);
      ledger.vote(measure, 2);
      ledger.carryOut(suspension(ledger, 4), [suspended(ledger, 4)]);
      ledger.now += WAIT;
      ledger.execute(measure, [noticeDays()]);
    });
    expect(anew).to.deep.equal(['P5']);
  });

  it('begin a wait anew with the end of a suspension that nobody writes', () => {
    const broken = brokenBy((ledger) => {
      ledger.carryOut(suspension(ledger, 4), [suspended(ledger, 4)]);
      ledger.now = START + 30 * DAY - 1;
      const measure = policy(ledger);
      ledger.open(measure);
      ledger.vote(measure, 2);
      ledger.now += WAIT;
      ledger.execute(measure, [noticeDays()]);
    });
    expect(broken).to.deep.equal(['P5']);
    const counted = brokenBy((ledger) => {
      ledger.carryOut(suspension(ledger, 4), [suspended(ledger, 4)]);
      ledger.now = START + 30 * DAY;
      const measure = policy(ledger);
      ledger.open(measure, 4);
      ledger.vote(measure, 2);
      ledger.now += WAIT;
      ledger.execute(measure, [noticeDays()]);
    });
    expect(counted).to.deep.equal([]);
  });

  it('name the entry of a measure that says another thing than the measure', () => {
    const entries = [
      { entryId: named('another') },
      { kind: 32 + MEASURE_KINDS.indexOf('pass-authority') },
      { newState: named('another') },
      { subject: named('another') },
    ];
    for (const entry of entries) {
      const broken = brokenBy((ledger) => ledger.carryOut(policy(ledger), [noticeDays()], { entry }));
      expect(broken, Object.keys(entry).join()).to.deep.equal(['P4']);
    }
    expect(
      brokenBy((ledger) => ledger.carryOut(policy(ledger), [noticeDays()], { isRecorded: false })),
    ).to.deep.equal(['P8']);
  });

  it('name a change with another value than was voted, of another kind, or without any vote', () => {
    const other = [
      noticeDays(31n),
      ['PolicyChanged', { name: named('another'), value: 30n }],
      raised(3),
      ['ValidatorAdded', { validator: `0x${'bb'.repeat(20)}` }],
      ['HaltRecorded', { from: 1n, to: 2n }],
      ['AuthorityChanged', { authority: CONSORTIUM }],
    ] as const;
    for (const one of other) {
      const broken = brokenBy((ledger) => ledger.carryOut(policy(ledger), [one]));
      expect(broken, one[0]).to.include('P4');
      expect(
        brokenBy((ledger) => ledger.tell(one[0], one[1])),
        one[0],
      ).to.include('P4');
    }
    const longer = brokenBy((ledger) => {
      const until = BigInt(START + 31 * DAY);
      ledger.carryOut(suspension(ledger, 4), [['InstitutionSuspended', { institution: 4, until }]]);
    });
    expect(longer).to.deep.equal(['P9']);
    const another = brokenBy((ledger) => ledger.carryOut(suspension(ledger, 4), [suspended(ledger, 3)]));
    expect(another).to.deep.equal(['P4']);
  });

  it('name a quorum that no longer outlives a member', () => {
    for (const value of [1, 4]) {
      const broken = brokenBy((ledger) => ledger.carryOut(quorum(ledger, value), [raised(value)]));
      // A quorum of all is found twice: nobody may be missing, and none of those who could manage.
      expect(broken, String(value)).to.deep.equal(value === 1 ? ['P4'] : ['P9', 'P9']);
    }
  });

  it('name a measure after which too few members could manage', () => {
    const disallowed = ['VerifierDisallowed', { verifier: VERIFIER }] as const;
    const disallow = (ledger: Ledger) => {
      const measure = ledger.measure('disallow-verifier', { target: VERIFIER });
      ledger.carryOut(measure, [disallowed]);
    };
    expect(brokenBy(disallow)).to.deep.equal(['P9']);
    const second = (institution: number) => named(`second of ${institution}`) as Measure['name'];
    const revoke = (ledger: Ledger, institution: number) => {
      const measure = ledger.measure('revoke-officer', {
        name: second(institution),
        salt: BigInt(institution),
      });
      const revoked = { officer: second(institution), revoker: ZERO_32, suspectSince: 0n };
      ledger.carryOut(measure, [['OfficerRevoked', { ...revoked, caseReference: ZERO_32 }]]);
    };
    expect(brokenBy((ledger) => revoke(ledger, 3))).to.deep.equal([]);
    const two = brokenBy((ledger) => {
      revoke(ledger, 3);
      revoke(ledger, 4);
      disallow(ledger);
    });
    expect(two).to.deep.equal(['P9', 'P9']);
    const hidden = brokenBy((ledger) => {
      revoke(ledger, 3);
      const until = BigInt(ledger.now + DAY);
      ledger.tell('OfficerSuspended', {
        officer: second(4),
        revoker: voterOf(4),
        until,
        caseReference: ZERO_32,
      });
      revoke(ledger, 4);
    });
    expect(hidden).to.deep.equal(['P9']);
    const raisedTooFar = brokenBy((ledger) => {
      revoke(ledger, 3);
      ledger.carryOut(quorum(ledger, 3), [raised(3)]);
    });
    expect(raisedTooFar).to.deep.equal(['P9']);
  });

  it('are judged by what the measure left, before another act of the transaction counts', () => {
    const second = (institution: number) => named(`second of ${institution}`);
    const left = (institution: number) =>
      [
        'OfficerRevoked',
        { officer: second(institution), revoker: second(institution), suspectSince: 0n },
      ] as const;
    const raisedThen = (before: number | undefined, after: readonly (readonly [string, object])[]) =>
      brokenBy((ledger) => {
        if (before !== undefined) ledger.tell(...left(before));
        const measure = quorum(ledger, 3);
        ledger.open(measure);
        ledger.vote(measure, 2);
        ledger.now += WAIT;
        ledger.execute(measure, [raised(3)], {}, after);
      });
    // Four of four can manage, and three of them outlive one: a resignation of the same transaction is no fault of the vote.
    expect(raisedThen(undefined, [])).to.deep.equal([]);
    expect(raisedThen(undefined, [left(4)])).to.deep.equal([]);
    const secp = {
      kind: 'secp256k1',
      verifier: ZERO_ADDRESS,
      keyHash: named('key'),
      rpIdHash: ZERO_32,
    } as const;
    const comes = {
      ...{ officer: named('a newcomer'), salt: named('salt'), institution: 3, office: 0, roles: MANAGE },
      ...{ key: secp, spare: secp, activeFrom: BigInt(START) },
    };
    // And an appointment of the same transaction mends nothing that the vote broke.
    expect(raisedThen(3, [])).to.deep.equal(['P9']);
    expect(raisedThen(3, [['OfficerAppointed', comes]])).to.deep.equal(['P9']);
  });

  it('name a measure under a name that is not its own, and a vote that does not count', () => {
    const renamed = brokenBy((ledger) => {
      const measure = policy(ledger);
      ledger.tell('MeasureOpened', { measureId: named('another'), openedBy: 1, measure });
    });
    expect(renamed).to.deep.equal(['P4']);
    const votes: readonly ((ledger: Ledger, measure: Measure) => void)[] = [
      (ledger, measure) => ledger.vote(measure, 1),
      (ledger, measure) => {
        ledger.vote(measure, 2, false);
        ledger.vote(measure, 2);
      },
      (ledger, measure) => {
        ledger.now = Number(measure.closesAt) + 1;
        ledger.vote(measure, 2);
      },
      (ledger, measure) => {
        ledger.carryOut(suspension(ledger, 4), [suspended(ledger, 4)]);
        ledger.vote(measure, 4);
      },
    ];
    for (const [i, cast] of votes.entries()) {
      const broken = brokenBy((ledger) => {
        const measure = policy(ledger);
        ledger.open(measure);
        cast(ledger, measure);
      });
      expect(broken, String(i)).to.deep.equal(['P4']);
    }
    const foreign = brokenBy((ledger) => {
      const measure = policy(ledger);
      ledger.open(measure);
      const vote = { measureId: idOf(measure), institution: 2, officer: voterOf(3), inFavour: true };
      ledger.tell('VoteCast', vote);
    });
    expect(foreign).to.deep.equal(['P3']);
  });

  it('say what a wait is, whatever the log says of it', () => {
    const schedule = (executableFrom: bigint) =>
      brokenBy((ledger) => {
        const measure = policy(ledger);
        ledger.open(measure);
        ledger.vote(measure, 2);
        ledger.tell('MeasureScheduled', { measureId: idOf(measure), executableFrom });
      });
    expect(schedule(BigInt(START + WAIT))).to.deep.equal([]);
    expect(schedule(BigInt(START))).to.deep.equal(['P5']);
    const lapsed = brokenBy((ledger) => {
      const measure = policy(ledger);
      ledger.open(measure);
      ledger.tell('MeasureLapsed', { measureId: idOf(measure) });
    });
    expect(lapsed).to.deep.equal(['P4']);
  });

  it('name a wait that was put off for no reason, or that brings back what ran out', () => {
    const over = WAIT + 30 * DAY + 1;
    const putOff = (after: number, meanwhile: (ledger: Ledger) => void = () => undefined) =>
      brokenBy((ledger) => {
        const measure = policy(ledger);
        ledger.open(measure);
        ledger.vote(measure, 2);
        meanwhile(ledger);
        ledger.now = START + after;
        ledger.schedule(measure, WAIT);
        ledger.now += WAIT;
        ledger.execute(measure, [noticeDays()]);
      });
    const amended = (ledger: Ledger) => ledger.carryOut(suspension(ledger, 4), [suspended(ledger, 4)]);
    expect(putOff(DAY, amended)).to.deep.equal([]);
    // What is executed then is in time by what the votes gave.
    expect(putOff(DAY)).to.deep.equal(['P5']);
    expect(putOff(over)).to.deep.equal(['P5', 'P5']);
    expect(putOff(over, amended)).to.deep.equal(['P5', 'P5', 'P5']);
  });

  it('take what a vote did to a measure that ran out under others, said or not', () => {
    const lost = (isSaid: boolean) =>
      brokenBy((ledger) => {
        const measure = { ...policy(ledger), closesAt: BigInt(START + 50 * DAY) };
        ledger.open(measure);
        ledger.vote(measure, 2);
        ledger.carryOut(suspension(ledger, 4), [suspended(ledger, 4)]);
        ledger.now = START + WAIT + 30 * DAY + 1;
        ledger.vote(measure, 2, false);
        // Said where somebody rescheduled before, of which no event tells: then the next vote may reach the quorum anew.
        if (isSaid) ledger.schedule(measure, undefined);
        ledger.vote(measure, 3);
        if (!isSaid) ledger.tell('MeasureLapsed', { measureId: idOf(measure) });
        else {
          ledger.schedule(measure, WAIT);
          ledger.now += WAIT;
          ledger.execute(measure, [noticeDays()]);
        }
      });
    expect(lost(true)).to.deep.equal([]);
    expect(lost(false)).to.deep.equal([]);
  });

  it('let an institution swap its own validator at once, and nobody else', () => {
    const swap = (institution: number, after: number) =>
      brokenBy((ledger) => {
        const target = `0x${'bb'.repeat(20)}` as Address;
        const leaver = VALIDATORS[institution === 1 ? 0 : 1];
        const name = wordOf(BigInt(leaver));
        const own = institution as Measure['institution'];
        const measure = ledger.measure('replace-validator', { target, name, institution: own });
        const removed = { validator: leaver };
        const changes = [
          ['ValidatorAdded', { validator: target }] as const,
          ['ValidatorRemoved', removed] as const,
        ];
        ledger.carryOut(measure, changes, { after });
      });
    expect(swap(1, 0)).to.deep.equal([]);
    expect(swap(3, 0)).to.deep.equal(['P5']);
    expect(swap(3, WAIT)).to.deep.equal([]);
  });

  it('name a consortium that begins with less than the one that it follows (P9, P11)', () => {
    const next = `0x${'c1'.repeat(20)}` as Address;
    const following = (part: object) =>
      brokenBy((ledger) => {
        const measure = ledger.measure('pass-authority', { target: next });
        const founding = { ...ledger.founding, ...part };
        ledger.carryOut(measure, [
          ['RegisterFrozen', { successor: next }],
          ['AuthorityChanged', { authority: next }],
          ['ConsortiumFounded', { founding }],
        ]);
      });
    expect(following({})).to.deep.equal([]);
    expect(following({ wideningWaitSeconds: WAIT + 1, appointmentWaitSeconds: WAIT })).to.deep.equal([]);
    const more = [
      { name: named('kept'), value: 1n },
      { name: named('more'), value: 1n },
    ];
    expect(following({ policies: more })).to.deep.equal([]);
    for (const part of [
      ...[{ wideningWaitSeconds: WAIT - 1 }, { appointmentWaitSeconds: DAY - 1 }, { policies: [] }],
      { policies: [{ name: named('kept'), value: 2n }] },
    ]) {
      expect(following(part), Object.keys(part).join()).to.deep.equal(['P11']);
    }
    expect(following({ quorum: 1 })).to.deep.equal(['P11']);
    const two = {
      institutions: [1, 2].map((institution) => ({ institution, roles: VOTE | MANAGE })),
      officers: new Ledger().founding.officers.filter(({ institution }) => institution < 3),
      validators: VALIDATORS.map((validator) => ({ validator, institution: 1 })),
    };
    expect(following(two)).to.deep.equal(['P11']);
    expect(following({ wideningWaitSeconds: 91 * DAY })).to.deep.equal(['P5']);
    const validators = VALIDATORS.map((validator) => ({ validator, institution: 1 }));
    expect(following({ validators: validators.toReversed() })).to.deep.equal(['P9']);
  });

  it('name officers whom nobody voted for, and those that were left out', () => {
    const keyOf = (name: string) => ({
      ...{ kind: 'secp256k1', verifier: ZERO_ADDRESS, keyHash: named(name), rpIdHash: ZERO_32 },
    });
    const salt = named('salt');
    const appointment = (ledger: Ledger, part: object = {}, key = 'key', roles = VOTE) => ({
      ...{ officer: officerIdOf(named(key), salt), salt, institution: 5, office: 0, roles },
      ...{ key: keyOf(key), spare: keyOf(`${key} spare`) },
      ...{ activeFrom: BigInt(ledger.now + WAIT), ...part },
    });
    const hashed = ({ activeFrom: _, officer: __, ...one }: ReturnType<typeof appointment>) =>
      hashStruct(POWER_TYPES, 'Appointment', {
        ...one,
        key: { ...one.key, kind: 1 },
        spare: { ...one.spare, kind: 1 },
      });
    const admitted = (part: object | undefined, adminRoles = MANAGE) =>
      brokenBy((ledger) => {
        // Whoever is admitted manages itself.
        const admins = ['one', 'other'].map((name) => appointment(ledger, {}, name, adminRoles));
        const measure = ledger.measure('admit-institution', {
          ...{ institution: 5 as Measure['institution'], value: BigInt(VOTE) },
          appointmentsHash: hashOfWords([appointment(ledger), ...admins].map(hashed)),
        });
        const changes: (readonly [string, object])[] = [
          ['InstitutionAdmitted', { institution: 5, roles: VOTE }],
        ];
        if (part !== undefined) changes.push(['OfficerAppointed', appointment(ledger, part)]);
        for (const admin of admins) changes.push(['OfficerAppointed', admin]);
        ledger.carryOut(measure, changes);
      });
    expect(admitted({})).to.deep.equal([]);
    expect(admitted(undefined)).to.deep.equal(['P4']);
    expect(admitted({ officer: named('another') })).to.deep.equal(['P4']);
    expect(admitted({ salt: named('another') })).to.deep.equal(['P4', 'P4']);
    expect(admitted({ spare: keyOf('another') })).to.deep.equal(['P4']);
    expect(admitted({ institution: 4 })).to.deep.equal(['P4', 'P4']);
    expect(admitted({ activeFrom: 0n })).to.deep.equal(['P4']);
    expect(admitted({}, roleBits(['admin-preparer'])), 'nobody approves').to.deep.equal(['P9']);
    const reseated = (before: (ledger: Ledger) => void) =>
      brokenBy((ledger) => {
        before(ledger);
        const admins = ['one', 'other'].map((name) => appointment(ledger, { institution: 3 }, name, MANAGE));
        const measure = ledger.measure('reseat-institution', {
          institution: 3 as Measure['institution'],
          appointmentsHash: hashOfWords(admins.map(hashed)),
        });
        ledger.carryOut(
          measure,
          admins.map((admin) => ['OfficerAppointed', admin] as const),
        );
      });
    const managed = reseated(() => undefined);
    expect(managed, 'two manage it').to.deep.equal(['P9']);
    const [voter, second] = [voterOf(3), named('second of 3')];
    const held = (ledger: Ledger, officer: string, revoker: string) =>
      ledger.tell('OfficerSuspended', { officer, revoker, until: BigInt(ledger.now + 9 * DAY) });
    const silent = reseated((ledger) => held(ledger, second, voter));
    expect(silent, 'one is silent').to.deep.equal([]);
    const narrowed = (ledger: Ledger) => held(ledger, voterOf(4), voter);
    expect(reseated(narrowed), 'one is narrowed').to.deep.equal([]);
  });
});

describe('a measure that shares its transaction with an act of officers', function () {
  this.timeout(120_000);
  let blocks: EventBlock[];
  let chainId: bigint;
  before(async () => {
    const now = BigInt(Math.floor(Date.now() / 1000)); // of one second: what is moved below keeps its time
    const world = await foundWorld({ folder: temporaryFolder(), clock: () => now });
    await playPower(world);
    blocks = await world.eventBlocks();
    ({ chainId } = world.chain.genesis);
    await world.close();
    removeTemporaryFolders();
  });

  /** As a contract that calls one after the other would have it recorded. */
  function together(name: LedgerEvent['name']): EventBlock[] {
    const all = blocks.flatMap(({ events }) => events);
    const executed = all.findIndex((event) => event.name === 'MeasureExecuted');
    const { transactionHash } = all[executed] ?? expect.fail('no measure');
    const other = all.find((event, i) => i > executed && event.name === name) ?? expect.fail(`no ${name}`);
    const isOther = (event: LedgerEvent) => event.transactionHash === other.transactionHash;
    const moved = all.filter(isOther).map((event) => Object.assign({}, event, { transactionHash }));
    return blocks.map((block) => {
      const rest = block.events.filter((event) => !isOther(event));
      return Object.assign({}, block, { events: isOfMeasure(block) ? [...rest, ...moved] : rest });
    });
  }

  const isOfMeasure = ({ events }: EventBlock) => events.some(({ name }) => name === 'MeasureExecuted');

  it('is one change of power, and the act another, each with its entry', () => {
    expect(replayed(chainId, blocks).findings).to.deep.equal([]);
    expect(replayed(chainId, together('OfficerSuspended')).findings).to.deep.equal([]);
  });

  it('covers no change of an officer that has no entry of its own', () => {
    const isEntry = ({ name, contract }: LedgerEvent) => name === 'EntryRecorded' && contract === 'personnel';
    const without = together('OfficerSuspended').map((block) =>
      isOfMeasure(block)
        ? Object.assign({}, block, { events: block.events.filter((event) => !isEntry(event)) })
        : block,
    );
    const said = replayed(chainId, without).findings.map(({ what }) => what);
    expect(said).to.include('Power changed without an entry that says so.');
  });
});
