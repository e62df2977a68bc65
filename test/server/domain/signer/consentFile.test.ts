/** What a person who is asked to consent is shown: a sentence from what the act hashes, and nothing that it does not hash. */
import { expect } from 'chai';
import { commitFacts, type FactSet } from '../../../../server/domain/acts/facts.ts';
import { rowOf } from '../../../../server/domain/acts/table.ts';
import { hashStruct, type TypedStruct } from '../../../../server/domain/acts/typedData.ts';
import {
  LAND_ACTS,
  LAND_KIND_BASE,
  type LandAct,
  maskOf,
  numberOf,
} from '../../../../server/domain/base/terms.ts';
import { LAND_TYPES } from '../../../../server/domain/land/acts.ts';
import { fromAbi } from '../../../../server/domain/land/codec.ts';
import { foldHashes, unitsHash } from '../../../../server/domain/land/hashes.ts';
import type { BAUnitState } from '../../../../server/domain/land/types.ts';
import { readActFile, writeActFile } from '../../../../server/domain/signer/actFile.ts';
import { consentsSeen } from '../../../../server/domain/signer/consentFile.ts';
import type { SignableData } from '../../../../server/domain/signer/typedJson.ts';
import { codeOf } from '../../../chain/recorded.ts';
import {
  fact,
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
const [holding] = right.holdings as [TypedStruct];
const buyerFacts = commitFacts([fact('name', 'Synthetic \u202eBuyer', 9)]);
const termsFacts = commitFacts([fact('principal', '250000', 8)]);
const mortgage: TypedStruct = {
  ...{ restrictionId: 4n, kind: 1n, targetRight: 0n, targetHolding: 0n, rank: 1n, presentationNo: 1n },
  ...{ instrumentId: word(0x61), holderKeyHash: word(0x62), needsConsent: 0n, expiresOn: 0n },
  ...{ blocks: maskOf(['transfer']), termsCommitment: word(0x63) },
};
const halves: TypedStruct = {
  ...right,
  denominator: 2n,
  holdings: [
    { ...holding, numerator: 1n },
    { ...holding, holdingId: 0n, keyHash: word(0x22), partyCommitment: buyerFacts.root },
  ],
};
const lapsing = { ...mortgage, restrictionId: 5n, rank: 2n, expiresOn: NOW - 9n };

const hashOf = (struct: string, message: TypedStruct) => hashStruct(LAND_TYPES, struct, message);
const changeOf = (state: TypedStruct, baUnit = UNIT): TypedStruct => ({
  ...{ baUnit, priorState: hashOf('BAUnitState', state) },
});
const namedBy = (...states: readonly TypedStruct[]) =>
  unitsHash(
    states.map((state, i) => ({
      baUnit: word(0x41 + i) as never,
      state: fromAbi('BAUnitState', state) as BAUnitState,
    })),
  );

/** An act as the gateway would write it, read again, and what is seen of its consents. */
function seen(
  act: SignableData,
  fields: TypedStruct,
  opened: readonly (FactSet | { readonly state: TypedStruct })[],
  items: readonly TypedStruct[] = [],
) {
  const file = writeActFile({
    act,
    items,
    approval: undefined,
    consents: [plainConsent(fields)],
    opens: opened,
  });
  const [one] = consentsSeen(readActFile(JSON.stringify(file)), NOW);
  if (one === undefined) throw new Error('nobody is asked');
  return one;
}
const ofAct = (act: LandAct) => BigInt(numberOf(LAND_ACTS, act));

const sale = land('TransferRight', { head, unit: changeOf(plainState), next: halves });
const saleTerms = { unitsHash: namedBy(plainState), termsHash: hashOf('Right', halves) };
const saleOpens = [{ state: plainState }, buyerFacts];

describe('a consent that an act asks for', () => {
  it('says who gives up what, who comes to hold it, and whose key is asked', () => {
    const one = seen(sale, saleTerms, saleOpens);
    expect(one.sentence).to.equal(
      'You, who have holding 2 (the whole of right 1), agree as its holder that right 1 of unit 0x41414141...4141 passes: ' +
        'holding 2 had the whole and has 1/2 then, "Synthetic \\u{202e}Buyer" comes to hold 1/2.',
    );
    expect(one).to.include({
      place: 0,
      baUnit: UNIT,
      subject: 2,
      keyHash: word(0x21),
      instrumentId: undefined,
    });
  });

  it('names the parcel by its number where the file opens it', () => {
    const numbered = commitFacts([fact('parcel/number', 'A/1', 7)]);
    const state = { ...plainState, factsRoot: numbered.root };
    const act = land('TransferRight', { head, unit: changeOf(state), next: halves });
    const terms = { ...saleTerms, unitsHash: namedBy(state) };
    expect(seen(act, terms, [{ state }, buyerFacts, numbered]).sentence).to.include(
      'that right 1 of parcel "A/1" (unit 0x41414141...4141) passes',
    );
  });

  it('says from when it has effect', () => {
    const effectiveOn = 1_760_000_000n;
    const act = land('TransferRight', {
      head: { ...head, effectiveOn },
      unit: changeOf(plainState),
      next: halves,
    });
    expect(seen(act, { ...saleTerms, effectiveOn }, saleOpens).sentence).to.include(
      'It has effect from 9 October 2025, 08:53 UTC',
    );
  });

  it('is refused where it names other rights or charges than the file opens', () => {
    const others = [
      word(0x51),
      namedBy({ ...plainState, charges: [mortgage] }),
      namedBy(plainState, plainState),
    ];
    for (const unitsHash of others) {
      expect(codeOf(() => seen(sale, { ...saleTerms, unitsHash }, saleOpens))).to.equal('consent-differs');
    }
    expect(codeOf(() => seen(sale, { ...saleTerms, subject: 9n }, saleOpens))).to.equal('consent-differs');
    for (const role of [0n, 2n, 3n]) {
      const told = codeOf(() => seen(sale, { ...saleTerms, role }, saleOpens));
      expect(told, `role ${role}`).to.equal('consent-differs');
    }
  });

  it('is refused where a state, or what the act brings anew, is not opened', () => {
    expect(codeOf(() => seen(sale, saleTerms, [buyerFacts]))).to.equal('commitment-unopened');
    expect(codeOf(() => seen(sale, saleTerms, [{ state: plainState }]))).to.equal('commitment-unopened');
  });

  it('may leave out a charge that lapsed, and no other', () => {
    const charged = { ...plainState, charges: [mortgage, lapsing] };
    const act = land('TransferRight', { head, unit: changeOf(charged), next: halves });
    const opened = [{ state: charged }, buyerFacts];
    const naming = (charges: readonly TypedStruct[]) => () =>
      seen(act, { ...saleTerms, unitsHash: namedBy({ ...plainState, charges }) }, opened).subject;
    expect(naming([mortgage, lapsing])()).to.equal(2);
    expect(naming([mortgage])()).to.equal(2);
    expect(codeOf(naming([]))).to.equal('consent-differs');
    expect(codeOf(naming([lapsing]))).to.equal('consent-differs');
  });

  it('says what a mortgage stops and its terms', () => {
    const laid = { ...mortgage, restrictionId: 0n, presentationNo: 0n, termsCommitment: termsFacts.root };
    const act = land('CreateRestriction', { head, units: [changeOf(plainState)], restriction: laid });
    const terms = {
      ...{ act: ofAct('mortgage'), unitsHash: namedBy(plainState), termsHash: hashOf('Restriction', laid) },
    };
    expect(seen(act, terms, [{ state: plainState }, termsFacts]).sentence).to.match(
      /agree as its holder that a mortgage of rank 1 is laid on unit 0x41414141\.\.\.4141, without an end; it stops: transfer, with the terms principal "250000"\./,
    );
    const until = { ...laid, expiresOn: 1_900_000_000n };
    const ending = land('CreateRestriction', { head, units: [changeOf(plainState)], restriction: until });
    const endingTerms = { ...terms, termsHash: hashOf('Restriction', until) };
    expect(seen(ending, endingTerms, [{ state: plainState }, termsFacts]).sentence).to.include(
      ', until 17 March 2030, 17:46 UTC; it stops',
    );
    expect(codeOf(() => seen(act, terms, [{ state: plainState }]))).to.equal('commitment-unopened');
  });

  it('takes off the very charge that stands, by the key of its instrument', () => {
    const charged = { ...plainState, charges: [mortgage] };
    const releases = [{ unit: changeOf(charged), restrictionId: 4n }];
    const act = land('Discharge', { head, releases });
    const terms = {
      ...{ act: ofAct('discharge'), unitsHash: namedBy(charged), subject: 4n },
      termsHash: hashOf('Restriction', mortgage),
    };
    const one = seen(act, terms, [{ state: charged }]);
    expect(one).to.include({ keyHash: word(0x62), instrumentId: word(0x61) });
    expect(one.sentence).to.equal(
      'You, who have mortgage 4, agree as its holder that it is taken off unit 0x41414141...4141, for good.',
    );
    const other = { ...terms, termsHash: hashOf('Restriction', { ...mortgage, rank: 2n }) };
    expect(codeOf(() => seen(act, other, [{ state: charged }]))).to.equal('consent-differs');
  });

  it('counts what a unit is divided in, and names who holds what is joined', () => {
    const portion = (byte: number): TypedStruct => ({
      ...{ baUnit: word(byte), spatialUnits: [], quotaNumerator: 0n },
    });
    const children = [0x71, 0x72, 0x73].map((byte) => ({ portion: portion(byte), factsRoot: ZERO }));
    const unit = changeOf(plainState);
    const divided = land('OpenDivision', {
      ...{ head, unit, memberCount: 3n },
      membersRoot: foldHashes(children.map((child) => hashOf('Child', child))),
    });
    const termsOf = (act: SignableData) => ({ unitsHash: namedBy(plainState), ...asked(act) });
    expect(seen(divided, termsOf(divided), [{ state: plainState }], children).sentence).to.match(
      /ends and is divided in 3, each with everything that lies on it\./,
    );
    const cut = land('Subdivide', { head, unit, children: children.slice(1) });
    expect(seen(cut, termsOf(cut), [{ state: plainState }]).sentence).to.match(/is divided in 2, each/);
    const parts = land('RegisterParts', {
      ...{ head, base: unit },
      parts: [{ baUnit: word(0x71), state: { ...plainState, rights: [] } }],
    });
    expect(seen(parts, termsOf(parts), [{ state: plainState }]).sentence).to.match(/ 1 parts of unit /);
    const joined = land('Consolidate', {
      ...{ head, units: [unit], child: children[0] ?? {}, ownership: { ...halves, rightId: 0n } },
    });
    expect(seen(joined, termsOf(joined), [{ state: plainState }, buyerFacts]).sentence).to.match(
      /unit 0x41414141\.\.\.4141 end and become unit 0x71717171\.\.\.7171: .* has 1\/2, "Synthetic .* has 1\/2\./,
    );
  });
});

/** Terms and act as the act's own row says them. */
function asked({ primaryType, message }: SignableData): TypedStruct {
  const row = rowOf(primaryType);
  const terms = row?.consents?.(message);
  const act = terms?.act ?? 'unspecified';
  const number = act === 'unspecified' ? BigInt((row?.kinds[0] ?? 0) - LAND_KIND_BASE) : ofAct(act);
  return { act: number, termsHash: terms?.terms ?? ZERO };
}
