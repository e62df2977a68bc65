/** Whose consent an officer is told the act needs: the register's own rules, on files that ask for fewer, others or more. */
import { expect } from 'chai';
import { rowOf } from '../../../../server/domain/acts/table.ts';
import { hashStruct, type TypedStruct } from '../../../../server/domain/acts/typedData.ts';
import { LAND_ACTS, type LandAct, maskOf, numberOf } from '../../../../server/domain/base/terms.ts';
import { LAND_TYPES } from '../../../../server/domain/land/acts.ts';
import { fromAbi } from '../../../../server/domain/land/codec.ts';
import { foldHashes, unitsHash } from '../../../../server/domain/land/hashes.ts';
import type { BAUnitState } from '../../../../server/domain/land/types.ts';
import { readActFile, writeActFile } from '../../../../server/domain/signer/actFile.ts';
import { consentsAmiss } from '../../../../server/domain/signer/consentsDue.ts';
import type { SignableData } from '../../../../server/domain/signer/typedJson.ts';
import {
  head,
  land,
  consent as plainConsent,
  state as plainState,
  right,
  word,
  ZERO,
} from '../acts/signedActs.ts';

const NOW = 1_750_000_000n;
const UNIT = word(0x41);
const [alone] = right.holdings as [TypedStruct];
const OWN = 1n;
const REPRESENTED = 2n;
const [AS_HOLDER, FOR_HOLDER, MUST_BE_ASKED] = [1n, 2n, 3n];
/** Two who hold in halves, of whom the second is represented. */
const shared: TypedStruct = {
  ...right,
  ...{ tenancy: 2n, denominator: 2n },
  holdings: [
    { ...alone, numerator: 1n, signer: OWN },
    { ...alone, holdingId: 3n, numerator: 1n, signer: REPRESENTED, keyHash: word(0x23) },
  ],
};
const ASKS = maskOf(['transfer', 'mortgage', 'subdivision', 'consolidation', 'part-registration']);
const mortgage: TypedStruct = {
  ...{ restrictionId: 4n, kind: 1n, targetRight: 0n, targetHolding: 0n, rank: 1n, presentationNo: 0n },
  ...{ instrumentId: word(0x61), holderKeyHash: word(0x62), needsConsent: ASKS, expiresOn: 0n },
  ...{ blocks: 0n, termsCommitment: word(0x63) },
};
const state: TypedStruct = {
  ...plainState,
  header: { ...(plainState.header as TypedStruct), nextId: 5n },
  ...{ rights: [shared], charges: [mortgage] },
};
const hashOf = (struct: string, message: TypedStruct) => hashStruct(LAND_TYPES, struct, message);
const changeOf = (of: TypedStruct, baUnit = UNIT): TypedStruct => ({
  ...{ baUnit, priorState: hashOf('BAUnitState', of) },
});
const unit = changeOf(state);

/** A right of which both give up what they have to somebody new. */
const sold: TypedStruct = {
  ...right,
  holdings: [{ ...alone, holdingId: 0n, keyHash: word(0x25), partyCommitment: word(0x26) }],
};
const laid = { ...mortgage, restrictionId: 0n, rank: 2n, instrumentId: word(0x64) };
const portion = (byte: number): TypedStruct => ({
  ...{ baUnit: word(byte), quotaNumerator: 0n },
  spatialUnits: [{ id: word(byte + 1), geometryCommitment: word(byte + 2) }],
});
const children = [0x70, 0x74].map((byte) => ({ portion: portion(byte), factsRoot: word(0x7e) }));
const other = changeOf(state, word(0x42));

interface Tried {
  readonly act: SignableData;
  readonly named: LandAct;
  /** In the order of the register: role, number in the unit, unit. */
  readonly asked: readonly (readonly [role: bigint, subject: bigint, baUnit: string])[];
  readonly units?: readonly string[];
  readonly items?: readonly TypedStruct[];
  readonly terms?: string;
}

const everybody = (baUnit: string = UNIT) =>
  [
    [AS_HOLDER, 2n, baUnit],
    [FOR_HOLDER, 3n, baUnit],
    [MUST_BE_ASKED, 4n, baUnit],
  ] as const;

/** One of every act that somebody consents to. */
const TRIED: readonly Tried[] = [
  { act: land('TransferRight', { head, unit, next: sold }), named: 'transfer', asked: everybody() },
  {
    act: land('CreateRestriction', { head, units: [unit], restriction: laid }),
    ...{ named: 'mortgage', asked: everybody() },
  },
  {
    act: land('Discharge', { head, releases: [{ unit, restrictionId: 4n }] }),
    ...{ named: 'discharge', asked: [[AS_HOLDER, 4n, UNIT]], terms: hashOf('Restriction', mortgage) },
  },
  {
    act: land('RegisterParts', { head, base: unit, parts: [{ baUnit: word(0x71), state: plainState }] }),
    ...{ named: 'part-registration', asked: everybody() },
  },
  { act: land('Subdivide', { head, unit, children }), named: 'subdivision', asked: everybody() },
  {
    act: land('OpenDivision', {
      ...{ head, unit, memberCount: 2n },
      membersRoot: foldHashes(children.map((child) => hashOf('Child', child))),
    }),
    ...{ named: 'subdivision', asked: everybody(), items: children },
  },
  {
    act: land('Consolidate', {
      ...{ head, units: [unit, other], child: children[0] ?? {} },
      ownership: { ...sold, rightId: 0n },
    }),
    ...{ named: 'consolidation', units: [UNIT, word(0x42)] },
    asked: [...everybody(), ...everybody(word(0x42))],
  },
];

function consentsOf({ act, named, asked, units = [UNIT], terms }: Tried): SignableData[] {
  const seen = units.map((baUnit) => ({
    ...{ baUnit: baUnit as never, state: fromAbi('BAUnitState', state) as BAUnitState },
  }));
  const row = rowOf(act.primaryType)?.consents?.(act.message);
  const shown = { unitsHash: unitsHash(seen), termsHash: terms ?? row?.terms ?? ZERO };
  const number = BigInt(numberOf(LAND_ACTS, named));
  return asked.map(([role, subject, baUnit]) =>
    plainConsent({ ...shown, role, act: number, subject, baUnit }),
  );
}

function amiss(tried: Tried, consents: readonly SignableData[], opened: TypedStruct | 'nothing' = state) {
  const { act, items = [] } = tried;
  const opens = opened === 'nothing' ? [] : [{ state: opened }];
  const file = writeActFile({ act, items, approval: undefined, consents, opens });
  return consentsAmiss(readActFile(JSON.stringify(file)), NOW);
}
const bent = (consents: readonly SignableData[], i: number, fields: TypedStruct) => {
  const { message } = consents[i] as SignableData;
  return consents.with(i, plainConsent({ ...message, ...fields }));
};

describe('the consents that an act needs', () => {
  it('are told of every act that somebody consents to: which is missing, in another role, of another, or too many', () => {
    const known = new Set(TRIED.map(({ act }) => act.primaryType));
    const due = Object.keys(LAND_TYPES).filter((type) => rowOf(type)?.consents !== undefined);
    expect([...known].sort()).to.deep.equal(due.sort());
    let bends = 0;
    for (const tried of TRIED) {
      const { primaryType: type } = tried.act;
      const whole = consentsOf(tried);
      expect(amiss(tried, whole), type).to.deep.equal([]);
      tried.asked.forEach(([role, subject, baUnit], i) => {
        bends++;
        const which = subject === 4n ? 'mortgage 4' : `holding ${subject} \\(1/2 of right 1\\)`;
        const who = `${which} of unit ${baUnit.slice(0, 10)}\\.\\.\\.${baUnit.slice(-4)}`;
        const said = (consents: readonly SignableData[]) => amiss(tried, consents)?.join('\n');
        expect(said(whole.toSpliced(i, 1)), `${type} ${i}`).to.match(
          new RegExp(`^The consent of ${who} is missing; it is given (as|for) `),
        );
        expect(said(bent(whole, i, { role: (role % 3n) + 1n })), `${type} ${i}`).to.match(
          new RegExp(`^The consent of ${who} is given in another role: .*, and not `),
        );
        expect(said(bent(whole, i, { subject: 9n })), `${type} ${i}`).to.match(
          /is missing; .*\nA consent of number 9, which is no holding, .* and the register takes none\.$/,
        );
        expect(said(bent(whole, i, { unitsHash: word(0x51) })), `${type} ${i}`).to.match(
          new RegExp(`^The consent of ${who} names other rights, `),
        );
        expect(said([...whole, ...whole.slice(i, i + 1)]), `${type} ${i}`).to.include('is asked for 2 times');
      });
    }
    console.log(`      consents bent | ${bends * 5} tried | 0 untold`);
  });

  it('are in the order of the register', () => {
    const [sale] = TRIED as [Tried];
    expect(amiss(sale, consentsOf(sale).toReversed())?.join()).to.include('in another order');
  });

  it('are of nobody whose charge lapsed, at whatever moment until now that was', () => {
    const [sale] = TRIED as [Tried];
    const lapsed = { ...state, charges: [{ ...mortgage, expiresOn: NOW - 9n }] };
    const act = land('TransferRight', { head, unit: changeOf(lapsed), next: sold });
    const naming = (of: TypedStruct, asked: Tried['asked']) =>
      consentsOf({ ...sale, act, asked }).map(({ message }) => {
        const one = fromAbi('BAUnitState', of) as BAUnitState;
        return plainConsent({ ...message, unitsHash: unitsHash([{ baUnit: UNIT as never, state: one }]) });
      });
    const told = (consents: readonly SignableData[]) => amiss({ ...sale, act }, consents, lapsed);
    expect(told(naming({ ...state, charges: [] }, everybody().slice(0, 2)))).to.deep.equal([]);
    expect(told(naming(lapsed, everybody()))).to.deep.equal([]);
    expect(told(naming(lapsed, everybody().slice(0, 2)))?.join()).to.include('names other rights');
  });

  it('are amiss where a unit is named without any state, which is nothing that a file could leave closed', () => {
    const [sale] = TRIED as [Tried];
    const act = land('TransferRight', { head, unit: { ...unit, priorState: ZERO }, next: sold });
    expect(amiss({ ...sale, act }, [], 'nothing')?.join()).to.match(
      /^Unit 0x41414141\.\.\.4141 is named without the state that it has, so nobody can tell who must consent\.$/,
    );
  });

  it('are not known where the file does not open how a unit stands', () => {
    const [sale] = TRIED as [Tried];
    expect(amiss(sale, consentsOf(sale), 'nothing')).to.equal(undefined);
  });
});
