/**
 * A small register for tests of pages: parcels of which one is held by three in shares with names in three
 * scripts and bears a mortgage and a caution, and one is being sold.
 */
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { type ActTold, type App, headOf, OFFICERS } from '../gateway/app.ts';

/** Nobody of these tests has a key, so a second institution signs for them. */
const BY = [OFFICERS.preparer, OFFICERS.secondApprover] as const;
const CAUTION_DAYS = 20;

export const plot = (number: string, west: number) => ({
  type: 'Feature',
  properties: { parcel_no: number, area_ha: '0.1110' },
  geometry: {
    type: 'Polygon',
    coordinates: [
      [
        [west, 0.05],
        [west + 0.0003, 0.05],
        [west + 0.0003, 0.0503],
        [west, 0.0503],
        [west, 0.05],
      ],
    ],
  },
});

const holder = (name: string, numerator: string, id: string) => ({
  ...{ numerator, partyKind: 'person', signer: 'own', keyHash: ZERO_32 },
  party: { name, idNumber: `EX-${id}`, phone: '+999012345' },
});

/** The number of a parcel that nobody registered, as a file may have it. */
export const MARKUP = '<img src=x onerror=alert(1)>';

export const HOLDERS = ['Mara Example-Wanjiku', 'علي المثال', 'Åsa Exempel'] as const;

export interface Registry {
  /** With shares, a mortgage and a caution. */
  readonly held: string;
  /** With one holder. */
  readonly sold: string;
  /** Its sale, which nobody has signed. */
  readonly sale: ActTold;
  /** The discharge of the mortgage, which nobody signs. */
  readonly discharge: ActTold;
}

export async function registerVillage(app: App): Promise<Registry> {
  const token = await app.token('registrar', 1);
  const map = {
    type: 'FeatureCollection',
    features: [plot('A/1', 0.05), plot('A/2', 0.06), plot(MARKUP, 0.07)],
  };
  const survey = await app.ask<{ recorded: readonly { number: string; baUnit: string }[] }>(
    'PUT',
    '/parcels?office=1',
    { token, file: { text: JSON.stringify(map), type: 'application/geo+json' } },
  );
  const unitOf = (number: string) => survey.body.recorded.find((one) => one.number === number)?.baUnit ?? '';
  const [held, sold] = [unitOf('A/1'), unitOf('A/2')];
  const title = (baUnit: string, right: object) => ({
    ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
    right: { kind: 'ownership', standing: 'absolute', ...right },
  });
  const shares = HOLDERS.map((name, i) => holder(name, ['3', '2', '1'][i] ?? '1', `00${i}`));
  await app.act(
    'registrar',
    '/acts/registrations',
    {
      titles: [
        title(held, { tenancy: 'common', denominator: '6', holders: shares }),
        title(sold, { tenancy: 'sole', denominator: '1', holders: [holder('Noor Example', '1', '004')] }),
      ],
    },
    BY,
  );
  for (const [kind, rank] of [
    ['mortgage', 1],
    ['caution', 0],
  ] as const) {
    await app.act(
      'registrar',
      '/acts/restrictions',
      {
        ...{ kind, baUnits: [held], targetRight: 1, rank, holderKeyHash: ZERO_32 },
        ...{
          instrumentId: `0x${`${rank}7`.repeat(32)}`,
          blocks: ['transfer', 'subdivision'],
          needsConsent: [],
        },
        expiresOn: kind === 'caution' ? Math.floor(Date.now() / 1000) + CAUTION_DAYS * 86_400 : 0,
        terms: [
          { path: 'creditor', value: 'Example Savings Bank' },
          { path: 'amount', value: '1,200,000' },
        ],
      },
      BY,
    );
  }
  const sale = await app.ask<ActTold>('POST', '/acts/transfers', {
    token,
    body: {
      ...{ head: headOf(OFFICERS.preparer), baUnit: sold, rightId: 1, tenancy: 'sole', denominator: '1' },
      ...{ staying: [], joining: [holder('Pili Example', '1', '005')] },
    },
  });
  if (sale.status !== 201) throw new Error(`the sale was answered ${sale.status}: ${sale.text}`);
  const { body: mortgaged } = await app.ask<{ state: { charges: readonly { restrictionId: number }[] } }>(
    'GET',
    `/titles/${held}`,
    { token },
  );
  const [charge] = mortgaged.state.charges;
  const discharge = await app.ask<ActTold>('POST', '/acts/discharges', {
    token,
    body: {
      head: headOf(OFFICERS.preparer),
      releases: [{ baUnit: held, restrictionId: charge?.restrictionId }],
    },
  });
  if (discharge.status !== 201) throw new Error(`the discharge was answered ${discharge.text}`);
  return { held, sold, sale: sale.body, discharge: discharge.body };
}
