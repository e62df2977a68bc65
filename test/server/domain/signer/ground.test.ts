/** Number and area of a parcel against the ground that is signed with them. */
import { expect } from 'chai';
import { commitFacts } from '../../../../server/domain/acts/facts.ts';
import type { TypedStruct } from '../../../../server/domain/acts/typedData.ts';
import { readActFile, writeActFile } from '../../../../server/domain/signer/actFile.ts';
import { groundAmiss } from '../../../../server/domain/signer/ground.ts';
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
}

/** What is amiss with a first registration, and with a child of a subdivision, that say this of their ground. */
function amiss({ number = 'A/1', area = AREA_MM2, surveyedAs = 'A/1', boundary = BOUNDARY }: Said) {
  const facts = commitFacts([fact('parcel/area-mm2', String(area), 1), fact('parcel/number', number, 2)]);
  const ground = commitFacts([fact('boundary', boundary, 3), fact('number', surveyedAs, 4)]);
  const spatialUnits: TypedStruct[] = [{ id: word(0x51), geometryCommitment: ground.root }];
  const made = { ...title, state: { ...state, spatialUnits, factsRoot: facts.root } };
  const child = { portion: { baUnit: word(0x52), quotaNumerator: 0n, spatialUnits }, factsRoot: facts.root };
  const unit = { baUnit: word(0x41), priorState: word(0x53) };
  const acts = [
    land('RegisterTitle', { head, title: made }),
    land('Subdivide', { head, unit, children: [child] }),
  ];
  const found = acts.map((act) => {
    const file = writeActFile({ act, items: [], approval: undefined, consents: [], opens: [facts, ground] });
    return groundAmiss(readActFile(JSON.stringify(file)));
  });
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
});
