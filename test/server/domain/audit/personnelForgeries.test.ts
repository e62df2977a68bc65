/**
 * Officers, their keys and a founding told otherwise than the contracts let them be, with every hash, signature and link made
 * anew over it, so that what is found is the rule and nothing else; by both auditors.
 */
import { expect } from 'chai';
import type {
  EventBlock,
  EventName,
  EventOf,
  Founding,
  LedgerEvent,
  ShownCall,
} from '../../../../server/domain/acts/events.ts';
import { digest } from '../../../../server/domain/acts/typedData.ts';
import { writeTrust } from '../../../../server/domain/audit/trust.ts';
import { type Address, type Bytes32, fromHex, wordOf, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { KEY_KINDS, numberOf, SCOPES } from '../../../../server/domain/base/terms.ts';
import { officerIdOf } from '../../../../server/domain/power/possession.ts';
import { contractOf } from '../../../../server/ledger/contracts.ts';
import { bentBy, replayed, withArgs } from '../../../chain/bent.ts';
import { ADMIN_ROLES, appoint, COLLEAGUE, playPower, REKEYED } from '../../../chain/powerScenes.ts';
import { resealed } from '../../../chain/resealed.ts';
import {
  FAR_FUTURE,
  keyRecord,
  named,
  officerOf,
  possessionOf,
  signedAlone,
  typesOf,
} from '../../../chain/signing.ts';
import { APPROVER, foundWorld, OFFICERS, PREPARER, type World } from '../../../chain/world.ts';
import type { Node } from '../../../verifier/forgedNode.ts';
import { needsPython } from '../../../verifier/python.ts';
import { differingFrom, type Judged } from '../../../verifier/sameFound.ts';
import { trustOf } from '../../../verifier/worldTrust.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

const DAY = 86_400n;
const NODE_KEY = fromHex(named('node key'));
/** Comes first, is given another spare key, signs nothing, and is revoked. */
const GUEST = officerOf(1, 'a guest');
const RESPARED = officerOf(1, 'a guest', 4);
const HELPER = officerOf(1, 'a helper');
const THIRD = officerOf(1, 'third of 1');
const VERIFIER = `0x${'fe'.repeat(20)}` as Address;
const OTHERWISE = 'Power changed otherwise than its entry says.';
const refused = (code: string) => [`An act was recorded that the ledger refuses: ${code}.`];
const keyOf = (key: ReturnType<typeof keyRecord>, part: object = {}) =>
  Object.assign({}, key, { kind: 'secp256k1' }, part);

type Entry = EventOf<'EntryRecorded'>;
type About = { readonly officer: Bytes32 } & object;
type Withdrawal = Readonly<Record<'entryId' | 'officer', Bytes32>> & {
  readonly actDeadline: bigint;
  readonly epoch: number;
};

describe('officers and their keys, told otherwise', function () {
  this.timeout(600_000);
  let world: World;
  let blocks: readonly EventBlock[];
  let plain: readonly EventBlock[];
  let chainId: bigint;
  /** The last history of each verdict, for the auditor in Python to judge too: each takes it seconds. */
  const judged = new Map<string, Judged>();

  before(async () => {
    world = await foundWorld({ folder: temporaryFolder() });
    ({ chainId } = world.chain.genesis);
    await appoint(world, GUEST);
    await appoint(world, HELPER);
    await playPower(world);
    const by = [PREPARER, HELPER] as const; // who suspended a colleague is narrowed
    const key = keyRecord(RESPARED, RESPARED.epoch);
    const more = [possessionOf(RESPARED, world.domainOf('consortium'), RESPARED.epoch)];
    const respared = { officer: GUEST.officer, epoch: 2, key };
    await world.act('personnel', 'rotateKey', respared, { by, more, office: 0 });
    for (const nth of [0, 1]) {
      const taken = { entryId: named(`never recorded ${nth}`), actDeadline: FAR_FUTURE };
      await world.order('personnel', 'withdraw', PREPARER, { ...taken, ...BY });
    }
    const end = { officer: GUEST.officer, caseReference: named('case'), suspectSince: 0n };
    await world.act('personnel', 'revokeOfficer', end, { by, office: 0 });
    blocks = await world.shownBlocks();
    // No call shows who signed or held a key, so that who forges one forges no signature.
    plain = blocks.map((block) => Object.assign({}, block, { shown: new Map() }));
  });
  after(async () => {
    await world.close();
    removeTemporaryFolders();
  });

  function said(history: readonly EventBlock[]): string[] {
    const { findings } = replayed(chainId, history);
    const found = [...new Set(findings.map(({ what }) => what))];
    judged.set(found.join(), { history, findings });
    return found;
  }

  const seal = (history: readonly EventBlock[]) =>
    resealed(history, {
      chainId,
      officers: [...OFFICERS, COLLEAGUE, REKEYED, THIRD, GUEST, RESPARED, HELPER],
    });
  const told = <N extends EventName>(name: N, nth: number, part: object) =>
    said(seal(bentBy(plain, name, nth, (event) => withArgs(event, part))));
  /** The same of another officer, which its entry says too. */
  function toldOf(name: 'OfficerAppointed' | 'KeyRotated' | 'OfficerRevoked', nth: number, part: About) {
    let hash: Bytes32 | undefined;
    const bent = bentBy(plain, name, nth, (event) => {
      hash = event.transactionHash;
      return withArgs(event, part);
    });
    const retold = bent.map((block) => ({
      ...block,
      events: block.events.map((event) =>
        event.name === 'EntryRecorded' && event.transactionHash === hash
          ? withArgs(event, { subject: part.officer })
          : event,
      ),
    }));
    return said(seal(retold));
  }
  /** The head of the nth act of two officers names another office. */
  const ofOffice = (nth: number) =>
    said(
      seal(
        bentBy(plain, 'Signed', nth, (event) => withArgs(event, { head: { ...event.args.head, office: 5 } })),
      ),
    );

  it('are found sound as they were, sealed anew or not', () => {
    expect(said(blocks)).to.deep.equal([]);
    expect(said(seal(plain))).to.deep.equal([]);
  });

  it('are appointed once, with roles that the institution has, in the office of the act', () => {
    const key = keyOf(keyRecord(PREPARER));
    const again = { salt: named('salt of first preparer'), officer: PREPARER.officer, key };
    expect(toldOf('OfficerAppointed', 0, again)).to.include(refused('officer-exists')[0]);
    expect(told('OfficerAppointed', 0, { roles: 0 })).to.deep.equal(refused('roles-out-of-range'));
    expect(told('OfficerAppointed', 0, { roles: 2 ** 14 })).to.deep.equal(refused('roles-out-of-range'));
    expect(told('OfficerAppointed', 0, { office: 5 })).to.deep.equal(refused('office-differs'));
    expect(ofOffice(0)).to.deep.equal(refused('office-differs'));
  });

  it('have keys of a whole form that nobody ever had, in any place (P3)', () => {
    const spare = keyRecord(GUEST, 2);
    for (const part of [
      ...[{ kind: 'unspecified' }, { keyHash: ZERO_32 }, { verifier: VERIFIER }, { rpIdHash: named('rp') }],
      { kind: 'webauthn', verifier: VERIFIER },
    ]) {
      const found = told('OfficerAppointed', 0, { spare: keyOf(spare, part) });
      expect(found, Object.keys(part).join()).to.deep.equal(refused('key-malformed'));
    }
    const verified = keyOf(spare, { kind: 'p256', verifier: VERIFIER });
    expect(told('OfficerAppointed', 0, { spare: verified })).to.deep.equal(refused('verifier-not-allowed'));
    for (const [of, epoch] of [...[[GUEST, 1] as const, [PREPARER, 1] as const, [APPROVER, 2] as const]]) {
      const used = told('OfficerAppointed', 0, { spare: keyOf(keyRecord(of, epoch)) });
      expect(used, `${of.name} ${epoch}`).to.deep.equal(refused('key-already-used'));
    }
    // The one that stood there before, of who was revoked, of who was given another.
    for (const [of, epoch] of [[GUEST, 2] as const, [THIRD, 2] as const, [COLLEAGUE, 1] as const]) {
      const used = told('KeyRotated', 1, { key: keyOf(keyRecord(of, epoch)) });
      expect(used, `${of.name} ${epoch}`).to.deep.equal(refused('key-already-used'));
    }
  });

  it('are given another key in the place of the one in force, and never once revoked (P3)', () => {
    expect(told('KeyRotated', 1, { epoch: 6 })).to.deep.equal(refused('officer-epoch-stale'));
    expect(told('KeyRotated', 1, { epoch: 2 })).to.deep.equal(refused('officer-epoch-stale'));
    const third = { officer: THIRD.officer };
    expect(toldOf('KeyRotated', 1, third)).to.deep.equal(refused('officer-is-revoked'));
    expect(toldOf('OfficerRevoked', 2, third)).to.deep.equal(refused('officer-is-revoked'));
    const signed = plain.flatMap(({ events }) => events.filter(({ name }) => name === 'Signed')).length;
    expect(ofOffice(signed - 1), 'a revocation').to.deep.equal(refused('office-differs'));
    expect(ofOffice(signed - 2), 'a change of key').to.deep.equal(refused('office-differs'));
  });

  it('are suspected since a moment that has passed, by two or by themselves', () => {
    for (const nth of [0, 1]) {
      const found = told('OfficerRevoked', nth, { suspectSince: 2n ** 40n });
      expect(found, `${nth}`).to.deep.equal(refused('suspicion-in-future'));
    }
  });

  it('stop scopes that there are, and one or more of them', () => {
    for (const scope of [0, 1 << SCOPES.length]) {
      for (const nth of [0, 1]) {
        const stopped = bentBy(plain, 'Paused', nth, (event) => withArgs(event, { scope }));
        const freed = bentBy(stopped, 'Unpaused', nth, (event) => withArgs(event, { scope }));
        const history = seal(subjectsAs(freed, nth, wordOf(BigInt(scope))));
        expect(said(history), `${scope} ${nth}`).to.deep.equal(refused('pause-scope-out-of-range'));
      }
    }
  });

  /** Entries of the nth pause and of its end say another scope word. */
  function subjectsAs(history: readonly EventBlock[], nth: number, subject: Bytes32): EventBlock[] {
    const ofSafeguards = entriesOf(history).filter(({ contract }) => contract === 'safeguards');
    const two = ofSafeguards.slice(2 * nth, 2 * nth + 2);
    return history.map((block) => ({
      ...block,
      events: block.events.map((event) =>
        two.includes(event as Entry) ? withArgs(event as Entry, { subject }) : event,
      ),
    }));
  }

  it('change by an entry of the very kind, told by the consortium in force (L3)', () => {
    const own = { officer: APPROVER.officer };
    const suspended = bentBy(plain, 'OfficerSuspended', 0, (event) => withArgs(event, own));
    const nth = entriesOf(plain).findIndex(
      ({ contract, args }) => contract === 'personnel' && args.kind === 19,
    );
    const resigned = bentBy(suspended, 'EntryRecorded', nth, (event) =>
      withArgs(event, { kind: 18, subject: APPROVER.officer }),
    );
    expect(said(seal(resigned))).to.include(OTHERWISE);
    const elsewhere = bentBy(plain, 'OfficerAppointed', 0, (event) =>
      Object.assign({}, event, { address: world.addresses.safeguards }),
    );
    expect(replayed(chainId, elsewhere).findings.map(({ what }) => what)).to.deep.equal([OTHERWISE]);
  });

  it('record no act that one of the two took back, nor take one back twice', () => {
    const last = entriesOf(plain).at(-1) ?? expect.fail('no entry');
    const act = last.args.entryId;
    expect(said(takenBack({ entryId: act, actDeadline: FAR_FUTURE, ...BY }))).to.deep.equal(
      refused('act-withdrawn'),
    );
    // Of another deadline only the call says which: it is not known here, and there.
    const later = { entryId: act, actDeadline: FAR_FUTURE + 2n * DAY, ...BY };
    expect(said(takenBack(later))).to.deep.equal([]);
    expect(said(takenBack(later, true))).to.deep.equal(refused('act-withdrawn'));
    const sooner = { entryId: act, actDeadline: FAR_FUTURE - 2n * DAY, ...BY };
    expect(said(takenBack(sooner, true))).to.deep.equal([]);
    const first = { entryId: named('never recorded 0'), actDeadline: FAR_FUTURE - 1n, ...BY };
    expect(said(takenBack(first))).to.deep.equal(refused('act-withdrawn'));
    const ofAnother = { ...later, officer: THIRD.officer };
    expect(said(takenBack(ofAnother, true))).not.to.include(refused('act-withdrawn')[0]);
  });

  /** The second withdrawal told as another one, in which its call is shown or not. */
  function takenBack(withdrawal: Withdrawal, isShown = false): EventBlock[] {
    const domain = world.domainOf('personnel');
    const { types, primaryType } = typesOf('personnel', 'withdraw');
    const entryId = digest(domain, types, primaryType, withdrawal) as Bytes32;
    const withdrawals = entriesOf(plain).filter(({ args }) => args.kind === 1);
    const nth = entriesOf(plain).indexOf(withdrawals[1] ?? expect.fail('no withdrawal'));
    const retold = bentBy(plain, 'EntryRecorded', nth, (event) =>
      withArgs(event, { entryId, subject: withdrawal.entryId, preparer: withdrawal.officer }),
    );
    if (!isShown) return seal(retold);
    const signature = signedAlone(PREPARER, domain, 'personnel', 'withdraw', withdrawal);
    const call: ShownCall = { contract: 'personnel', method: 'withdraw', args: { withdrawal, signature } };
    const hash = withdrawals[1]?.transactionHash;
    return seal(retold).map((block) => {
      const isOfIt = block.events.some(({ transactionHash }) => transactionHash === hash);
      return isOfIt && hash !== undefined ? { ...block, shown: new Map([[hash, call]]) } : block;
    });
  }

  it('are founded by numbers, roles, offices, keys and validators that the consortium takes (P9)', () => {
    const [{ args }] = plain.flatMap(({ events }) =>
      events.filter((event): event is EventOf<'ConsortiumFounded'> => event.name === 'ConsortiumFounded'),
    ) as [EventOf<'ConsortiumFounded'>];
    const { founding } = args;
    const { institutions, officers, offices, verifiers } = founding;
    const [own, other] = officers as unknown as [Founding['officers'][number], Founding['officers'][number]];
    const ofNumber = (institution: number, roles: number = ADMIN_ROLES) => ({ institution, roles });
    const withFirst = (part: object) => {
      const one = { ...own, ...part };
      return [{ ...one, officer: officerIdOf(one.key.keyHash, one.salt) }, ...officers.slice(1)];
    };
    const crowd = Array.from({ length: 5 }, (_, i) => {
      const member = officerOf(1, `of a crowd ${i}`);
      const [key, spare] = [keyOf(keyRecord(member)), keyOf(keyRecord(member, 2))];
      return { ...own, officer: member.officer, salt: named(`salt of of a crowd ${i}`), key, spare };
    });
    const validators = Array.from({ length: 4 }, (_, i) => ({
      ...{ validator: `0x${String(i + 1).repeat(40)}`, institution: 1 + (i % 2) },
    }));
    const four = [1, 2, 3, 4].map((number) => ofNumber(number));
    const ofFour = four.flatMap(({ institution }) =>
      ['one', 'two', 'three'].map((name) => {
        const member = officerOf(institution, `${name} of ${institution}`);
        const [key, spare] = [keyOf(keyRecord(member)), keyOf(keyRecord(member, 2))];
        const salt = named(`salt of ${name} of ${institution}`);
        return { ...own, officer: member.officer, institution, salt, key, spare };
      }),
    );
    const rules: readonly (readonly [code: string, part: object])[] = [
      ['institution-number-taken', { institutions: [...institutions, ofNumber(1)] }],
      ['institution-number-taken', { institutions: [...institutions, ofNumber(128)] }],
      ['roles-out-of-range', { institutions: [...institutions, ofNumber(3, 0)] }],
      ['roles-out-of-range', { institutions: [...institutions, ofNumber(3, 2 ** 14)] }],
      ['office-unchanged', { offices: [...offices, ...offices] }],
      ['office-unchanged', { offices: [{ office: 0, keeper: 1 }] }],
      ['institution-unknown', { offices: [{ office: 2, keeper: 9 }] }],
      ['verifier-not-allowed', { verifiers: [...verifiers, { kind: 'secp256k1', verifier: VERIFIER }] }],
      ['institution-unknown', { officers: withFirst({ institution: 9 }) }],
      ['officer-exists', { officers: [own, ...officers] }],
      ['roles-out-of-range', { officers: withFirst({ roles: 2 ** 14 }) }],
      [
        'key-malformed',
        { officers: withFirst({ spare: keyOf(keyRecord(PREPARER, 2), { keyHash: ZERO_32 }) }) },
      ],
      ['key-already-used', { officers: withFirst({ spare: own.key }) }],
      ['key-already-used', { officers: withFirst({ spare: other.spare }) }],
      ['too-many-admins', { officers: [...officers, ...crowd] }],
      [
        'institution-needs-three-admins',
        { officers: officers.filter(({ officer }) => officer !== THIRD.officer) },
      ],
      ['institution-needs-three-admins', { institutions: [...institutions, ofNumber(3)] }],
      [
        'too-many-policies',
        { policies: Array.from({ length: 65 }, (_, i) => ({ name: named(`policy ${i}`), value: 1n })) },
      ],
      ['institution-unknown', { validators: [{ validator: validators[0]?.validator, institution: 9 }] }],
      ['validators-concentrated', { institutions: four, officers: ofFour, validators }],
    ];
    for (const [code, part] of rules) {
      const next = { ...founding, ...part } as Founding;
      const history = bentBy(plain, 'ConsortiumFounded', 0, (event) => withArgs(event, { founding: next }));
      const { findings } = replayed(chainId, history);
      expect(findings[0]?.what, `${code} ${JSON.stringify(Object.keys(part))}`).to.equal(refused(code)[0]);
      judged.set(`founded: ${code}`, { history: plain, findings, node: foundedOtherwise(next) });
    }
    // Seven are the most, and the next one is too many.
    const full = { ...founding, officers: [...officers, ...crowd.slice(1)] };
    const history = bentBy(plain, 'ConsortiumFounded', 0, (event) => withArgs(event, { founding: full }));
    const { findings } = replayed(chainId, history);
    expect([...new Set(findings.map(({ what }) => what))]).to.deep.equal(refused('too-many-admins'));
    judged.set('founded: full', { history: plain, findings, node: foundedOtherwise(full) });
  });

  /** A node that says of the consortium that it began with another file. */
  function foundedOtherwise(founding: Founding): Node {
    const { calls } = contractOf('consortium');
    const kindOf = (key: { readonly kind: (typeof KEY_KINDS)[number] }) =>
      Object.assign({}, key, { kind: numberOf(KEY_KINDS, key.kind) });
    const file = {
      ...founding,
      officers: founding.officers.map((one) => ({ ...one, key: kindOf(one.key), spare: kindOf(one.spare) })),
      verifiers: founding.verifiers.map(kindOf),
    };
    const answer = calls.encodeFunctionResult('founding', [file]);
    const data = calls.encodeFunctionData('founding');
    const { chain } = world;
    const request = (call: { method: string; params?: readonly unknown[] }) => {
      const [asked] = (call.params ?? []) as readonly { readonly data?: string; readonly input?: string }[];
      const isFounding = call.method === 'eth_call' && (asked?.data ?? asked?.input) === data;
      return isFounding ? Promise.resolve(answer) : chain.request(call as never);
    };
    const { genesis, headNumber } = chain;
    return { chain: { genesis, headNumber, request } as never, key: NODE_KEY };
  }

  it('have the same verdict on each of these histories from the auditor in Python', async function () {
    needsPython(this);
    const trust = writeTrust(await trustOf(world));
    const node = { chain: world.chain, key: NODE_KEY };
    expect(await differingFrom(node, blocks, [...judged.values()], trust)).to.deep.equal([]);
    expect(judged.size).to.be.above(20);
    console.log(`      python audit | ${judged.size} histories of officers | the same found in each`);
  });
});

const BY = { officer: PREPARER.officer, epoch: PREPARER.epoch };

function entriesOf(history: readonly EventBlock[]): Entry[] {
  return history.flatMap(({ events }) =>
    events.filter((event: LedgerEvent): event is Entry => event.name === 'EntryRecorded'),
  );
}
