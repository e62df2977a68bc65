/** Every field of every act against the sentence that a signer is told first. */
import { expect } from 'chai';
import type { ActType } from '../../../../server/domain/acts/table.ts';
import type { TypedStruct, TypedValue } from '../../../../server/domain/acts/typedData.ts';
import { Refusal } from '../../../../server/domain/base/refusal.ts';
import { writeActFile } from '../../../../server/domain/signer/actFile.ts';
import { items, OPENS, rows, sentenceOf, signedOf, textOf } from './openedActs.ts';

/** Fields that a sentence need not say, by patterns of act and place, each with the reason. */
const READ_BELOW: Readonly<Record<string, string>> = {
  '/head/(preparer|preparerEpoch|notBefore|deadline)$':
    'the signer is told who signs, by which key, and until when',
  '/head/salt$': 'it says nothing',
  '/head/sourcesRoot$': 'a hash that is opened below',
  '/head/office$':
    'of a title it is said; a unit, a programme and an officer have theirs, which the register compares',
  '/(baUnit|id|instrumentId)$': 'an id that is given once: what it stands for is said',
  '/priorState$': 'a state that is opened',
  '/(rightId|restrictionId|holdingId|nextId|presentationNo)$': 'a number that the register gives',
  '/header/(formatVersion|version|status|baseUnit|membersRoot|memberCount|effectiveOn)$':
    'ruled: how a title begins',
  '/header/quotaNumerator$': 'said where there is a quota, and nothing without a total',
  '/rights/0/tenancy$': 'ruled by the shares, which are said',
  'TransferRight /next/(standing|upgradesOn|expiresOn|targetRight|termsCommitment)$':
    'ruled: no sale changes it',
  '/partyKind$': 'the name says who it is',
  'CreateRestriction /restriction/target(Right|Holding)$': 'said of a lease and of one who holds a part',
  'Consolidate /ownership/(targetRight|tenancy)$': 'ruled: ownership is of the land, and its shares are said',
  '/atomic$': 'ruled: all or none',
  '(/versionBefore|/movedBeforeMinor|/releasedBeforeUnits|/epochBefore|/pauseSequence)$':
    'what stands, which the register compares',
  '/lane$': 'which of several envelopes is sent first',
  '/caseReference$': 'a hash that is opened below, or of a case that others keep',
};

/** What is told, or that nothing is: the file is refused. */
function said(sentence: () => string): string {
  try {
    return sentence();
  } catch (error) {
    if (error instanceof Refusal || error instanceof TypeError) return 'refused';
    throw error;
  }
}

/** The message with each of its values changed for another of its type, one at a time. */
function* leavesOf(value: TypedValue, place = ''): Generator<{ place: string; bent: TypedValue }> {
  if (typeof value === 'object') {
    for (const [name, part] of Object.entries(value))
      for (const leaf of leavesOf(part, `${place}/${name}`)) {
        const bent = Array.isArray(value)
          ? value.toSpliced(Number(name), 1, leaf.bent as TypedStruct)
          : { ...value, [name]: leaf.bent };
        yield { place: leaf.place, bent: bent as TypedValue };
      }
    return;
  }
  if (typeof value === 'bigint') {
    // A day more, for moments are said in minutes.
    for (const bent of [value + 1n, value + 90_000n]) yield { place, bent };
  } else if (typeof value === 'boolean') yield { place, bent: !value };
  else yield { place, bent: String(value).replace(/.$/, (last) => (last === '7' ? '8' : '7')) };
}

describe('what a signer is told of a field', () => {
  it('is another where a field of the act is, but for those that are read below it, each for a reason', () => {
    const silent = new Set<string>();
    let tried = 0;
    for (const row of rows) {
      const act = signedOf(row);
      const given = items[row.type as ActType] ?? [];
      const plain = sentenceOf(textOf(row));
      const told = new Map<string, readonly string[]>();
      for (const { place, bent } of leavesOf(act.message)) {
        tried++;
        const file = () =>
          writeActFile({
            ...{
              act: { ...act, message: bent as TypedStruct },
              items: given,
              approval: undefined,
              consents: [],
            },
            opens: OPENS[row.type as ActType] ?? [],
          });
        told.set(place, [...(told.get(place) ?? []), said(() => sentenceOf(JSON.stringify(file())))]);
      }
      for (const [place, all] of told) {
        const isSilent = all.every((one) => one === plain || one === 'refused') && all.includes(plain);
        if (isSilent) silent.add(`${row.type} ${place}`);
      }
    }
    const excused = (one: string) => Object.keys(READ_BELOW).some((pattern) => new RegExp(pattern).test(one));
    expect([...silent].filter((one) => !excused(one))).to.deep.equal([]);
    console.log(`      fields of acts bent | ${tried} tried | ${silent.size} read below the sentence`);
  });
});
