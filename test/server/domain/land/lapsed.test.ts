/** What is over of a unit: by the ledger's time, and later by as much as a recorded halt lasted. */
import { expect } from 'chai';
import { lapsedIn } from '../../../../server/domain/land/restrictions.ts';
import { momentAt } from '../../../../server/domain/power/halts.ts';

const UNIT = {
  rights: [
    { rightId: 1, expiresOn: 0n },
    { rightId: 2, expiresOn: 1_000n },
  ],
  charges: [{ restrictionId: 5, expiresOn: 1_000n }],
  notices: [{ restrictionId: 6, expiresOn: 2_000n }],
};

describe('what is over of a unit', () => {
  it('is over behind its last second, and what has no end never', () => {
    expect(lapsedIn(momentAt(1_000n, []), UNIT)).to.deep.equal({ rights: [], restrictions: [] });
    expect(lapsedIn(momentAt(1_001n, []), UNIT)).to.deep.equal({ rights: [2], restrictions: [5] });
    expect(lapsedIn(momentAt(9_999n, []), UNIT)).to.deep.equal({ rights: [2], restrictions: [5, 6] });
  });

  it('is in force for as much longer as the ledger stood still over its end', () => {
    const halts = [{ from: 900, to: 1_400 }];
    expect(lapsedIn(momentAt(1_500n, halts), UNIT)).to.deep.equal({ rights: [], restrictions: [] });
    expect(lapsedIn(momentAt(1_501n, halts), UNIT)).to.deep.equal({ rights: [2], restrictions: [5] });
  });
});
