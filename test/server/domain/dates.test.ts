import { expect } from 'chai';
import { secondsOfDate } from '../../../server/domain/base/dates.ts';

describe('a date as people write it', () => {
  it('is a day in UTC, or an instant with its zone', () => {
    expect(secondsOfDate('1970-01-02')).to.equal(86_400n);
    expect(secondsOfDate('2026-11-29')).to.equal(1_795_910_400n);
    expect(secondsOfDate('2026-11-29T17:49+03:00')).to.equal(secondsOfDate('2026-11-29T14:49Z'));
    expect(secondsOfDate('2026-11-29T14:49:30Z')).to.equal(1_795_910_400n + 53_370n);
  });

  it('is the whole of its day: what lasts until then lasts to its last second', () => {
    expect(secondsOfDate('2026-11-29', 'last')).to.equal(1_795_910_400n + 86_399n);
    expect(secondsOfDate('2026-11-29', 'first')).to.equal(1_795_910_400n);
    // An instant is one, whatever lasts until it.
    expect(secondsOfDate('2026-11-29T17:49+03:00', 'last')).to.equal(secondsOfDate('2026-11-29T14:49Z'));
  });

  it('is none where no calendar has the day, the zone is missing, or it is written otherwise', () => {
    for (const text of [
      ...['2026-02-30', '2026-13-01', '2026-11-29T14:49', '29.11.2026', '2026-1-2', '1969-12-31', ''],
      ...['2026-11-29T25:00Z', '2026-11-29 14:49Z', '1795910400'],
    ]) {
      expect(secondsOfDate(text), text).to.equal(undefined);
    }
  });
});
