/**
 * Whatever the API takes can be certified: acts of every kind made at random, of parcels from every kind of map, each
 * unit certified after each act, and every certificate verified apart from the gateway.
 */
import { expect } from 'chai';
import { stakedOut } from '../../../scripts/demo/split.ts';
import { demoParcels } from '../../../scripts/demoData.ts';
import { ACTS } from '../../../server/domain/acts/table.ts';
import { readCertificate } from '../../../server/domain/audit/certificate.ts';
import { verifyCertificate } from '../../../server/domain/audit/verifyCertificate.ts';
import { toHex, ZERO_32 } from '../../../server/domain/base/hex.ts';
import {
  type BAUnitId,
  PARTY_KINDS,
  type RIGHT_KINDS,
  STANDINGS,
} from '../../../server/domain/base/terms.ts';
import { readParcels } from '../../../server/domain/survey/parcels.ts';
import { type App, OFFICERS, startApp } from '../../gateway/app.ts';
import { seeded } from '../../seeded.ts';

const SEED = 20_261_129;
const ROUNDS = 6;
/** Of each file: some are registered together, some alone, some stay for parts and strips. */
const PARCELS = 12;
/** Below this the run proved nothing. */
const CERTIFICATES_MIN = 60;
/** Nobody of these tests has a key, so a second institution signs for them. */
const BY = [OFFICERS.preparer, OFFICERS.secondApprover] as const;

interface Drawn {
  readonly properties: { readonly parcel_no: string };
  readonly geometry: { readonly type: string; readonly coordinates: readonly unknown[] };
}

const drawnIn = (file: string) => (JSON.parse(file) as { readonly features: readonly Drawn[] }).features;
const points = (ring: unknown, between: string, after: string) =>
  (ring as readonly (readonly number[])[]).map((at) => at.join(between)).join(after);
/** All polygons of a shape, whether it has one part or several. */
const polygonsOf = ({ geometry: { type, coordinates } }: Drawn) =>
  (type === 'Polygon' ? [coordinates] : coordinates) as readonly (readonly unknown[])[];

/** The same map as offices send it. */
const MAPS: readonly ((file: string) => { readonly text: string; readonly type: string })[] = [
  (text) => ({ text, type: 'application/geo+json' }),
  (file) => {
    const rows = drawnIn(file).map((drawn) => {
      const parts = polygonsOf(drawn).map(
        (rings) => `(${rings.map((ring) => `(${points(ring, ' ', ', ')})`).join(', ')})`,
      );
      return `${drawn.properties.parcel_no},"MULTIPOLYGON (${parts.join(', ')})"`;
    });
    return { text: ['parcel_no,wkt', ...rows, ''].join('\r\n'), type: 'text/csv' };
  },
  (file) => {
    const ringIn = (name: string, ring: unknown) =>
      `<${name}><LinearRing><coordinates>${points(ring, ',', ' ')}</coordinates></LinearRing></${name}>`;
    const marks = drawnIn(file).map((drawn) => {
      const parts = polygonsOf(drawn).map(
        ([outer, ...inner]) =>
          `<Polygon>${ringIn('outerBoundaryIs', outer)}${inner.map((ring) => ringIn('innerBoundaryIs', ring)).join('')}</Polygon>`,
      );
      const data = `<ExtendedData><Data name="parcel_no"><value>${drawn.properties.parcel_no}</value></Data></ExtendedData>`;
      return `<Placemark>${data}<MultiGeometry>${parts.join('')}</MultiGeometry></Placemark>`;
    });
    const text = `<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>${marks.join('')}</Document></kml>`;
    return { text, type: 'application/vnd.google-earth.kml+xml' };
  },
];

interface Surveyed {
  readonly feature: number;
  readonly number: string;
  readonly baUnit: BAUnitId;
}

interface Held {
  readonly baUnit: BAUnitId;
  readonly state: {
    readonly rights: readonly {
      readonly rightId: number;
      readonly holdings: readonly { readonly holdingId: number }[];
    }[];
    readonly charges: readonly { readonly restrictionId: number }[];
    readonly notices: readonly { readonly restrictionId: number }[];
  };
}

describe('whatever the API takes', function () {
  this.timeout(900_000);
  const random = seeded(SEED);
  const performed = new Set<string>();
  let app: App;
  let certified = 0;
  before(async () => {
    app = await startApp();
  });
  after(() => app.remove());

  const perform = async (collection: string, fields: object) => {
    await app.act('registrar', `/acts/${collection}`, fields, BY);
    performed.add(collection);
  };

  /** As somebody who has the file and the trust file, and nothing else. */
  async function certify(units: readonly string[]): Promise<void> {
    const trust = app.trust();
    for (const unit of units) {
      const token = await app.token('registrar', 1);
      const told = await app.ask('GET', `/titles/${unit}/certificate`, {
        token,
        // As a registrar has it: so many people a case and a day.
        headers: { 'X-Case-Reference': `CASE-${certified >> 5}` },
      });
      expect(told.status, told.text).to.equal(200);
      const { intact, anchored } = verifyCertificate(trust, readCertificate(told.text));
      expect([intact.verdict, anchored.verdict], told.text).to.deep.equal(['yes', 'yes']);
      const left = intact.verdict === 'yes' ? intact.facts.filter(({ shown, all }) => shown !== all) : [];
      expect(left, 'facts that were left out').to.deep.equal([]);
      certified++;
    }
  }

  async function survey(text: string, type: string, query = ''): Promise<readonly Surveyed[]> {
    const token = await app.token('registrar', 1);
    const place = `/parcels?office=1${query}`;
    const told = await app.ask<{ recorded: readonly Surveyed[] }>('PUT', place, {
      token,
      file: { text, type },
    });
    expect(told.status, told.text).to.equal(200);
    return told.body.recorded;
  }

  const held = async (unit: string): Promise<Held> =>
    (await app.ask<Held>('GET', `/titles/${unit}`, { token: await app.token('registrar', 1) })).body;

  // ---- What anybody may write -----------------------------------------------------------------------------------

  const upTo = (most: number) => 1 + random.below(most);
  const words = [
    'Åsa',
    'Ngozi',
    '名前',
    'علي',
    'Nguyễn Thị',
    'O’Brien',
    '-',
    '0',
    '1',
    '№ 7/2',
    '𞤀𞤣𞤢',
    'Kibet & Sons',
  ];
  const text = (most: number) => {
    let made = `${random.pick(words)} 1`;
    while (made.length < most && random.below(6) > 0) made += ` ${random.pick(words)}`;
    return made.slice(0, most).toWellFormed().replaceAll('\ufffd', '').trim().normalize('NFC');
  };
  /** Paths as long as they may be, and those that read like numbers. */
  const part = () => random.pick(['0', '1', '2', '10', 'a', 'area-m2', 'z9', 'x'.repeat(upTo(20))]);
  const terms = () => {
    const paths = new Set(['0', '1', ...Array.from({ length: random.below(30) }, () => part())]);
    const deep = [...paths].map((path, i) =>
      i < 2 ? path : Array.from({ length: upTo(4) }, part).join('/'),
    );
    return [...new Set(deep)].map((path) => ({ path, value: text(upTo(400)) }));
  };
  const someOf = <T extends string>(names: readonly T[]) => random.pick(names.slice(1));
  const holder = (numerator: string) => ({
    ...{ numerator, partyKind: someOf(PARTY_KINDS), signer: random.pick(['own', 'representative']) },
    keyHash: ZERO_32,
    party: {
      name: text(200),
      ...(random.below(2) === 0 && { idNumber: toHex(random.bytes(6)).slice(2) }),
      ...(random.below(3) === 0 && { phone: '+999012345' }),
      ...(random.below(3) === 0 && { address: text(400) }),
    },
  });
  const right = (
    kinds: readonly (typeof RIGHT_KINDS)[number][] = ['ownership', 'customary', 'occupancy', 'group'],
  ) => {
    const kind = random.pick(kinds);
    const standing = random.pick(STANDINGS.filter((one) => !['unspecified', 'disputed'].includes(one)));
    const count = upTo(5);
    if (count === 1) {
      return { ...{ kind, standing, tenancy: 'sole', denominator: '1' }, holders: [holder('1')] };
    }
    if (random.below(2) === 0) {
      return {
        ...{ kind, standing, tenancy: 'joint', denominator: '0' },
        holders: Array.from({ length: count }, () => holder('0')),
      };
    }
    const shares = Array.from({ length: count }, () => upTo(9));
    return {
      ...{
        kind,
        standing,
        tenancy: 'common',
        denominator: String(shares.reduce((sum, share) => sum + share, 0)),
      },
      holders: shares.map((share) => holder(String(share))),
    };
  };
  const title = ({ baUnit }: Surveyed) => ({
    ...{ baUnit, origin: random.pick(['adjudication', 'grant', 'legacy', 'prescription']) },
    ...{ evidence: random.pick(['testimony', 'private-document', 'judgment']), right: right() },
  });
  const freehold = (unit: Surveyed) => ({
    ...title(unit),
    right: {
      kind: 'ownership',
      standing: 'absolute',
      tenancy: 'sole',
      denominator: '1',
      holders: [holder('1')],
    },
  });
  const restriction = (kind: 'mortgage' | 'caution', baUnits: readonly string[], rank: number) => ({
    ...{ kind, baUnits, targetRight: baUnits.length === 1 ? 1 : 0, rank },
    ...{ instrumentId: toHex(random.bytes(32)), holderKeyHash: ZERO_32, blocks: [], needsConsent: [] },
    expiresOn: kind === 'caution' ? Math.floor(Date.now() / 1000) + upTo(100) * 86_400 : 0,
    terms: terms(),
  });

  /** The same parcels moved, in another kind of map. */
  const moved = (round: number, file: string) => {
    const read = JSON.parse(file) as {
      features: { properties: object; geometry: { coordinates: unknown } }[];
    };
    const shift = (at: unknown): unknown =>
      Array.isArray(at) && typeof at[0] === 'number' ? [at[0] + round, at[1]] : (at as unknown[]).map(shift);
    return JSON.stringify({
      type: 'FeatureCollection',
      features: read.features.map((feature) => ({
        ...feature,
        properties: { parcel_no: `${round}/${Object.values(feature.properties)[0]}` },
        geometry: { ...feature.geometry, coordinates: shift(feature.geometry.coordinates) },
      })),
    });
  };

  for (let round = 1; round <= ROUNDS; round++) {
    it(`can be certified after each act on it, round ${round}`, async () => {
      const file = moved(round, demoParcels({ seed: round, count: PARCELS }));
      const { text: map, type } = MAPS[round % MAPS.length]?.(file) ?? { text: file, type: '' };
      const surveyed = await survey(map, type);
      const [first, second, third, base, flat, other, whole, ...rest] = surveyed;
      if (!first || !second || !third || !base || !flat || !other || !whole)
        throw new Error('too few parcels');

      const together = rest.slice(0, 3);
      await perform('registrations', { titles: together.map(title) });
      await perform('registrations', { titles: [freehold(first)] });
      await perform('registrations', { titles: [freehold(second), freehold(third)] });
      await certify([...together, first, second, third].map(({ baUnit }) => baUnit));

      await perform('registrations', { titles: [{ ...freehold(base), quotaTotal: '1000' }] });
      const parts = [flat, other].map((one) => ({ ...title(one), quota: String(upTo(300)) }));
      await perform('parts', { baUnit: base.baUnit, parts });
      await certify([base, flat, other].map(({ baUnit }) => baUnit));

      const joining = right(['ownership']);
      await perform('transfers', {
        ...{ baUnit: first.baUnit, rightId: 1, staying: [] },
        ...{ tenancy: joining.tenancy, denominator: joining.denominator, joining: joining.holders },
      });
      await certify([first.baUnit]);

      await perform('restrictions', restriction('mortgage', [first.baUnit], 1));
      await perform('restrictions', restriction('mortgage', [second.baUnit, third.baUnit], 1));
      await perform('restrictions', restriction('caution', [first.baUnit], 0));
      await certify([first, second, third].map(({ baUnit }) => baUnit));

      const { state } = await held(first.baUnit);
      const [charge, notice] = [state.charges[0], state.notices[0]];
      for (const released of [charge, notice]) {
        const releases = [{ baUnit: first.baUnit, restrictionId: released?.restrictionId ?? 0 }];
        await perform('discharges', { releases });
        await certify([first.baUnit]);
      }

      await perform('registrations', { titles: [freehold(whole)] });
      const drawn = readParcels(file).parcels.find(({ number }) => number === whole.number);
      const plan = drawn && stakedOut(drawn);
      if (plan === undefined) return; // a shape of slivers has no strips; other rounds have
      const replacing = (numbers: readonly string[]) =>
        numbers.map((number) => `&replacing=${encodeURIComponent(number)}`).join('');
      const strips = await survey(plan.divided, 'application/geo+json', replacing([whole.number]));
      const children = strips.map(({ baUnit }) => ({ baUnit }));
      await perform('divisions', { baUnit: whole.baUnit, children });
      await certify([whole.baUnit]);
      await perform('division-cancellations', { baUnit: whole.baUnit });
      await certify([whole.baUnit]);
      await perform('subdivisions', { baUnit: whole.baUnit, children });
      await certify([whole.baUnit, ...children.map(({ baUnit }) => baUnit)]);
      const parents = strips.filter(({ number }) => plan.joining.includes(number));
      const [joined] = await survey(plan.joined, 'application/geo+json', replacing(plan.joining));
      if (joined === undefined) throw new Error('a survey of nothing');
      await perform('consolidations', {
        baUnits: parents.map(({ baUnit }) => baUnit),
        child: { baUnit: joined.baUnit, right: { ...right(['ownership']), standing: 'absolute' } },
      });
      await certify([joined.baUnit, ...parents.map(({ baUnit }) => baUnit)]);
    });
  }

  it('was of every kind of act that a registrar prepares', () => {
    const kinds = Object.values(ACTS).flatMap(({ route }) =>
      route.callers[0] === 'registrar' ? [route.collection] : [],
    );
    console.log(
      `      certificates | seed ${SEED} | ${certified} of ${performed.size} kinds of acts | 0 refused`,
    );
    expect([...performed].sort()).to.deep.equal([...new Set(kinds)].sort());
    expect(certified).to.be.greaterThan(CERTIFICATES_MIN);
  });
});
