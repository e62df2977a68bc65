/** A refusal of the rules, which see the act, points at what the registrar wrote, act by act. */
import { expect } from 'chai';
import {
  type HolderGiven,
  PLACES_OF_CONSOLIDATION,
  PLACES_OF_DISCHARGE,
  PLACES_OF_PARTS,
  PLACES_OF_REGISTRATION,
  PLACES_OF_RESTRICTION,
  PLACES_OF_SUBDIVISION,
  placesOfTransfer,
} from '../../server/desk/landGiven.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { atWritten, type Places, refusal } from '../../server/domain/base/refusal.ts';
import type { BAUnitId } from '../../server/domain/base/terms.ts';

const joining: HolderGiven = {
  numerator: 1n,
  partyKind: 'person',
  signer: 'own',
  keyHash: ZERO_32,
  party: { name: 'Synthetic Person' },
};
/** Two holdings stay and two join. */
const PLACES_OF_TRANSFER = placesOfTransfer({
  baUnit: ZERO_32 as BAUnitId,
  ...{ rightId: 1, tenancy: 'common', denominator: 4n, joining: [joining, joining] },
  staying: [2, 3].map((holdingId) => ({ holdingId, numerator: 1n })),
});

/** What a rule names, and where the registrar finds it. */
const SEEN: readonly (readonly [string, Places, Readonly<Record<string, string>>])[] = [
  [
    'a registration',
    PLACES_OF_REGISTRATION,
    {
      '/titles': '/titles',
      '/head/office': '/head/office',
      '/titles/3/state/rights/0/holdings/5/keyHash': '/titles/3/right/holders/5/keyHash',
      '/titles/3/state/rights/0/holdings/5/partyCommitment': '/titles/3/right/holders/5/party',
      '/titles/3/state/rights/0/holdings': '/titles/3/right/holders',
      '/titles/3/state/rights/0/tenancy': '/titles/3/right/tenancy',
      '/titles/3/state/header/origin': '/titles/3/origin',
      '/titles/3/state/header/quotaNumerator': '/titles/3/quotaTotal',
      '/titles/3/state/spatialUnits/7': '/titles/3/baUnit',
      '/titles/3/spatialUnits/7': '/titles/3/baUnit',
      '/titles/3/baUnit': '/titles/3/baUnit',
      '/title/state/rights/0/holdings/1/numerator': '/titles/0/right/holders/1/numerator',
      '/title/baUnit': '/titles/0/baUnit',
    },
  ],
  [
    'a registration of parts',
    PLACES_OF_PARTS,
    {
      '/base/priorState': '/baUnit',
      '/base': '/baUnit',
      '/parts/1/state/header/quotaNumerator': '/parts/1/quota',
      '/parts/1/state/rights/0/kind': '/parts/1/right/kind',
    },
  ],
  [
    'a transfer',
    PLACES_OF_TRANSFER,
    {
      '/next/holdings/1/numerator': '/staying/1/numerator',
      '/next/holdings/1/keyHash': '/staying/1/holdingId',
      '/next/holdings/3/keyHash': '/joining/1/keyHash',
      '/next/holdings/2/partyCommitment': '/joining/0/party',
      '/next/holdings': '/joining',
      '/next/tenancy': '/tenancy',
      '/next/rightId': '/rightId',
      '/unit/priorState': '/baUnit',
      '/unit': '/baUnit',
    },
  ],
  [
    'a restriction',
    PLACES_OF_RESTRICTION,
    {
      '/units': '/baUnits',
      '/units/2/priorState': '/baUnits/2',
      '/units/2': '/baUnits/2',
      '/restriction/rank': '/rank',
      '/restriction/termsCommitment': '/terms',
    },
  ],
  [
    'a discharge',
    PLACES_OF_DISCHARGE,
    {
      '/releases/4/unit/priorState': '/releases/4/baUnit',
      '/releases/4/restrictionId': '/releases/4/restrictionId',
    },
  ],
  [
    'a subdivision',
    PLACES_OF_SUBDIVISION,
    {
      '/unit/baUnit': '/baUnit',
      '/children': '/children',
      '/children/1/portion/spatialUnits/0': '/children/1/baUnit',
    },
  ],
  [
    'a consolidation',
    PLACES_OF_CONSOLIDATION,
    {
      '/units/1/baUnit': '/baUnits/1',
      '/child/portion/spatialUnits': '/child/baUnit',
      '/ownership/holdings/2/signer': '/child/right/holders/2/signer',
      '/ownership/holdings/2/partyCommitment': '/child/right/holders/2/party',
      '/ownership/tenancy': '/child/right/tenancy',
    },
  ],
];

describe('a refusal of the rules of land', () => {
  for (const [act, places, expected] of SEEN) {
    it(`points at what was written for ${act}`, () => {
      const moved = Object.keys(expected).map((field) => {
        const written = atWritten(refusal('value-unspecified', undefined, { field }), places);
        return [field, written.place.field];
      });
      expect(Object.fromEntries(moved)).to.deep.equal(expected);
    });
  }

  it('keeps code, line and what fills its message', () => {
    const limit = 64;
    const refused = refusal('too-many-holdings', { limit }, { field: '/next/holdings', line: 3 });
    const { code, holes, place } = atWritten(refused, PLACES_OF_TRANSFER);
    expect({ code, holes, place }).to.deep.equal({
      ...{ code: 'too-many-holdings', holes: { limit } },
      place: { field: '/joining', line: 3 },
    });
  });
});
