/** What a history says changed: everything that did, each once, and nothing of what stayed. */
import { expect } from 'chai';
import { type Bytes32, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import {
  type BAUnitId,
  type InstrumentId,
  maskOf,
  type OfficeId,
  type SpatialUnitId,
} from '../../../../server/domain/base/terms.ts';
import { changesOf, restrictionInWords } from '../../../../server/domain/land/changes.ts';
import type { BAUnitState, Holding, Restriction, Right } from '../../../../server/domain/land/types.ts';

const word = (number: number) => `0x${number.toString(16).padStart(64, '0')}` as Bytes32;

const holding = (holdingId: number, numerator: bigint): Holding => ({
  holdingId,
  numerator,
  partyKind: 'person',
  signer: 'own',
  keyHash: word(100 + holdingId),
  partyCommitment: word(200 + holdingId),
});

const ownership = (holdings: readonly Holding[]): Right => ({
  rightId: 1,
  kind: 'ownership',
  standing: 'absolute',
  upgradesOn: 0n,
  expiresOn: 0n,
  tenancy: 'common',
  targetRight: 0,
  presentationNo: 7n,
  denominator: 2n,
  termsCommitment: ZERO_32,
  holdings,
});

const mortgage = (restrictionId: number, rank: number): Restriction => ({
  restrictionId,
  kind: 'mortgage',
  targetRight: 1,
  targetHolding: 3,
  rank,
  presentationNo: 8n,
  instrumentId: word(9) as InstrumentId,
  holderKeyHash: word(10),
  blocks: 0n,
  needsConsent: 0n,
  expiresOn: 0n,
  termsCommitment: ZERO_32,
});

function stateWith(
  changed: Partial<BAUnitState> = {},
  header: Partial<BAUnitState['header']> = {},
): BAUnitState {
  const first: BAUnitState = {
    header: {
      formatVersion: 1,
      version: 1n,
      status: 'active',
      office: 1 as OfficeId,
      origin: 'legacy',
      evidence: 'public-document',
      baseUnit: ZERO_32 as BAUnitId,
      quotaNumerator: 0n,
      quotaTotal: 0n,
      membersRoot: ZERO_32,
      memberCount: 0,
      nextId: 5,
      effectiveOn: 0n,
    },
    spatialUnits: [{ id: word(1) as SpatialUnitId, geometryCommitment: word(2) }],
    rights: [ownership([holding(3, 1n), holding(4, 1n)])],
    charges: [],
    notices: [],
    responsibilities: [],
    applications: [],
    factsRoot: word(3),
    priorState: ZERO_32,
  };
  return Object.assign(first, changed, { header: Object.assign(first.header, header) });
}

const told = (before: BAUnitState | undefined, after: BAUnitState) =>
  changesOf(before, after).map(({ what, how, id }) =>
    [what, how, id].filter((part) => part !== undefined).join(' '),
  );

describe('the changes of a title', () => {
  it('begin with the unit, its rights and who holds them', () => {
    expect(told(undefined, stateWith())).to.deep.equal([
      'unit began',
      'right began 1',
      'holding began 3',
      'holding began 4',
    ]);
  });

  it('are none where an entry counts on and nothing else', () => {
    const next = stateWith({ priorState: word(77) }, { version: 2n, nextId: 9, effectiveOn: 5n });
    expect(told(stateWith(), next)).to.deep.equal([]);
  });

  it('name who leaves, who joins and whose share is another, and not the right they hold', () => {
    const sold = stateWith({
      rights: [{ ...ownership([holding(4, 1n), holding(5, 1n)]), presentationNo: 8n }],
    });
    expect(told(stateWith(), sold)).to.deep.equal(['holding ended 3', 'holding began 5']);
    const shared = stateWith({ rights: [ownership([holding(3, 2n), holding(4, 0n)])] });
    expect(told(stateWith(), shared)).to.deep.equal(['holding changed 3', 'holding changed 4']);
    const [line] = changesOf(stateWith(), sold);
    expect(line?.words).to.equal('Holding 3 of right 1, person, 1 of 2, ends');
  });

  it('name a right whose terms are others, with the shares that mean another part of it', () => {
    const halved = stateWith({
      rights: [{ ...ownership([holding(3, 1n), holding(4, 1n)]), denominator: 4n }],
    });
    expect(told(stateWith(), halved)).to.deep.equal([
      'right changed 1',
      'holding changed 3',
      'holding changed 4',
    ]);
  });

  it('name charges, notices, ground, facts and the end of a unit', () => {
    const charged = stateWith({
      charges: [mortgage(6, 1)],
      notices: [{ ...mortgage(7, 0), kind: 'caution' }],
    });
    expect(told(stateWith(), charged)).to.deep.equal(['charge began 6', 'notice began 7']);
    expect(changesOf(stateWith(), charged)[0]?.words).to.equal(
      'mortgage 6 on holding 3, rank 1, without an end, stops nothing, begins',
    );
    const weighing = {
      ...mortgage(6, 2),
      targetHolding: 0,
      blocks: maskOf(['transfer', 'subdivision']),
      needsConsent: maskOf(['mortgage']),
      expiresOn: 1_900_000_000n,
    };
    expect(restrictionInWords(weighing)).to.equal(
      'mortgage 6 on right 1, rank 2, until 17 March 2030, 17:46 UTC, stops transfer, subdivision, must be asked about mortgage',
    );
    expect(told(charged, stateWith())).to.deep.equal(['charge ended 6', 'notice ended 7']);
    const redrawn = stateWith({
      spatialUnits: [{ id: word(1) as SpatialUnitId, geometryCommitment: word(5) }],
      factsRoot: word(6),
    });
    expect(told(stateWith(), redrawn)).to.deep.equal(['ground changed', 'facts changed']);
    expect(told(stateWith(), stateWith({}, { status: 'retired' }))).to.deep.equal(['unit ended']);
    expect(told(stateWith(), stateWith({}, { quotaTotal: 1_000n }))).to.deep.equal(['unit changed']);
  });
});
