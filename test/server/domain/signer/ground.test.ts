/** Number and area of a parcel against the ground that is signed with them. */
import { expect } from 'chai';
import { commitFacts } from '../../../../server/domain/acts/facts.ts';
import type { TypedStruct } from '../../../../server/domain/acts/typedData.ts';
import { readActFile, writeActFile } from '../../../../server/domain/signer/actFile.ts';
import { groundAmiss, groundUnseen } from '../../../../server/domain/signer/ground.ts';
import { areaM2, shapeOf } from '../../../../server/domain/survey/geometry.ts';
import { fact, head, land, state, title, word } from '../acts/signedActs.ts';

/** Some 33 m a side, beside the equator. */
const square = (east: number) => ({
  type: 'Polygon',
  coordinates: [
    [
      [east, 0],
      [east + 0.0003, 0],
      [east + 0.0003, 0.0003],
      [east, 0.0003],
      [east, 0],
    ],
  ],
});
const BOUNDARY = JSON.stringify(square(36));
const AREA_MM2 = BigInt(Math.round(areaM2(shapeOf(square(36), {})) * 1_000_000));

interface Said {
  readonly number?: string;
  readonly area?: bigint;
  readonly surveyedAs?: string;
  readonly boundary?: string;
  /** Facts that the file has not. */
  readonly without?: readonly string[];
  /** The same ground once more, under this number. */
  readonly beside?: string;
}

/** Files of a first registration and of a subdivision that say this of their ground. */
function filesOf({
  number = 'A/1',
  area = AREA_MM2,
  surveyedAs = 'A/1',
  boundary = BOUNDARY,
  ...more
}: Said) {
  const { without = [], beside } = more;
  const kept = (facts: readonly ReturnType<typeof fact>[]) =>
    commitFacts(facts.filter(({ path }) => !without.includes(path)));
  const facts = kept([
    fact('parcel/area-mm2', String(area), 1),
    fact('parcel/number', number, 2),
    fact('place', 'Upper field', 5),
  ]);
  const groundOf = (as: string) =>
    kept([fact('alias', 'A1', 6), fact('boundary', boundary, 3), fact('number', as, 4)]);
  const grounds = [surveyedAs, ...(beside === undefined ? [] : [beside])].map(groundOf);
  const spatialUnits = grounds.map(({ root }, i): TypedStruct => {
    return { id: word(0x54 + i), geometryCommitment: root };
  });
  const made = { ...title, state: { ...state, spatialUnits, factsRoot: facts.root } };
  const child = { portion: { baUnit: word(0x52), quotaNumerator: 0n, spatialUnits }, factsRoot: facts.root };
  const unit = { baUnit: word(0x41), priorState: word(0x53) };
  return [
    land('RegisterTitle', { head, title: made }),
    land('Subdivide', { head, unit, children: [child] }),
  ].map((act) => {
    const opens = [facts, ...grounds];
    const file = writeActFile({ act, items: [], approval: undefined, consents: [], opens });
    return readActFile(JSON.stringify(file));
  });
}

/** What is amiss with both alike. */
function amiss(said: Said) {
  const found = filesOf(said).map(groundAmiss);
  expect(found[0]).to.deep.equal(found[1]);
  return found[0];
}

describe('the ground of what an act makes', () => {
  it('is that of its number and its area, or the officer is told', () => {
    expect(amiss({})).to.deep.equal([]);
    expect(amiss({ number: 'B/7' })).to.deep.equal([
      'Parcel "B/7" has the ground that was surveyed as "A/1".',
    ]);
    expect(amiss({ surveyedAs: 'B/7' })).to.deep.equal([
      'Parcel "A/1" has the ground that was surveyed as "B/7".',
    ]);
    for (const area of [AREA_MM2 * 1_000n, AREA_MM2 + AREA_MM2 / 1_000n, 0n])
      expect(amiss({ area })?.join(), `${area}`).to.match(
        /^Parcel "A\/1" is said to have "\d+" mm2, and its boundary encloses 1,1/,
      );
    expect(amiss({ boundary: 'along the river' })).to.deep.equal([
      'Parcel "A/1" has a boundary that encloses no ground.',
    ]);
  });

  it('is amiss where what would be compared is left out, and where one part of several is another', () => {
    for (const path of ['parcel/number', 'parcel/area-mm2'])
      expect(amiss({ without: [path] }), path).to.deep.equal([
        'A parcel says no number or no area of its ground, so nobody can compare them.',
      ]);
    expect(amiss({ without: ['number'] })).to.deep.equal(['Parcel "A/1" has ground that says no number.']);
    expect(amiss({ without: ['boundary'] })).to.deep.equal(['Parcel "A/1" has ground without a boundary.']);
    expect(amiss({ beside: 'A/1', area: AREA_MM2 * 2n })).to.deep.equal([]);
    expect(amiss({ beside: 'B/2', area: AREA_MM2 * 2n })).to.deep.equal([
      'Parcel "A/1" has the ground that was surveyed as "B/2".',
    ]);
    expect(filesOf({}).map(groundUnseen)).to.deep.equal([[], []]);
  });
});
