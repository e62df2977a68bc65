/** What a gateway says beside the file of an act: shown as its word, with whoever is missing or stands twice. */
import { expect } from 'chai';
import {
  amountBeside,
  MOST_PEOPLE_TOLD,
  peopleBeside,
  personCells,
  readBeside,
} from '../../../../server/domain/signer/beside.ts';
import { codeOf } from '../../../chain/recorded.ts';
import { requireDescribed } from '../../../scripts/described.ts';
import { word } from '../acts/signedActs.ts';

const LIMIT = 10_000_000;
const read = (beside: unknown) => readBeside(JSON.stringify({ id: word(1), prepared: {}, beside }), LIMIT);

describe('what is told beside an act', () => {
  it('is nothing in a file that stands alone, and whole numbers and ids in an answer', () => {
    expect(readBeside('{"format":"kudurru-act-1"}', LIMIT)).to.deep.equal({});
    const told = { currency: 404, people: { from: 3, personIds: [word(7), ''] } };
    expect(read(told)).to.deep.equal(told);
    const whole = {
      currency: 404,
      people: { from: 3, personIds: [word(7)], names: ['A B'] },
      renamed: [word(9)],
    };
    requireDescribed({ id: word(1), prepared: '', beside: read(whole) });
    for (const bent of [
      7,
      { currency: '404' },
      { currency: -1 },
      { people: { from: 0 } },
      { people: { from: '0', personIds: [] } },
      { people: { from: 0, personIds: ['\u001b[2J'] } },
      { people: { from: 0, personIds: [null] } },
      { people: { from: 0, personIds: [word(7).toUpperCase()] } },
      { people: { from: 0, personIds: [word(7)], names: [] } },
      { people: { from: 0, personIds: [word(7)], names: [7] } },
      { people: { from: 0, personIds: [word(7)], names: ['n'.repeat(401)] } },
      { people: { from: 0, personIds: Array(MOST_PEOPLE_TOLD + 1).fill('') } },
    ]) {
      expect(
        codeOf(() => read(bent)),
        JSON.stringify(bent).slice(0, 80),
      ).to.equal('act-file-malformed');
    }
  });

  it('says an amount as people write it, of an act that names no currency itself', () => {
    expect(amountBeside({ amountMinor: 120_000n }, { currency: 404 })).to.include(
      '120,000 minor units are KES 1,200.00',
    );
    expect(amountBeside({ amountMinor: 120_000n }, {})).to.equal(undefined);
    expect(amountBeside({ units: 5n }, { currency: 404 })).to.equal(undefined);
    expect(amountBeside({ amountMinor: 1n, currency: 404n }, { currency: 840 })).to.equal(undefined);
  });

  it('puts a name behind the id of whom it was read of, and nothing that a terminal or a table would obey', () => {
    const people = { from: 4, personIds: [word(7), word(8), ''] as const };
    expect(read({ people: { ...people, names: ['A B', '', ''] } }).people?.names).to.deep.equal([
      'A B',
      '',
      '',
    ]);
    const alone = personCells(people);
    expect([alone.heading, alone.at(4), alone.at(6)]).to.deep.equal([
      ['person (not signed)'],
      [word(7)],
      ['nobody'],
    ]);
    const cells = personCells({ ...people, names: ['A, "B"\u001b[2J', '', ''] });
    expect(cells.heading).to.deep.equal(['person (not signed)', 'name (not signed)']);
    expect(cells.at(4)).to.deep.equal([word(7), '"A, ""B""\\u001b[2J"']);
    expect(cells.at(5)).to.deep.equal([word(8), '']);
  });

  it('counts different people, and names whoever stands twice and each place with nobody', () => {
    const lines = peopleBeside({ from: 10, personIds: [word(7), word(8), '', word(7)] });
    expect(lines).to.deep.equal([
      "By the gateway's record, which nobody signs: 2 different people at 4 places.",
      `ONE PERSON AT SEVERAL PLACES: ${word(7)} at 10, 13`,
      'NOBODY BY THE RECORD AT PLACES: 12',
    ]);
    expect(peopleBeside({ from: 0, personIds: [word(7)] })).to.have.length(1);
  });
});
