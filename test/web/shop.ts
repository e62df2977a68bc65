/** A programme with cards and a shop, for tests of the till: people with units, each with a card of either kind and one PIN. */
import { makeCard } from '../../scripts/cardFile.ts';
import type { VendorId } from '../../server/domain/base/terms.ts';
import { type CardFile, writeCard } from '../../server/domain/benefits/cardFile.ts';
import type { TillId } from '../../server/domain/benefits/terms.ts';
import { writeTillLink } from '../../server/domain/benefits/tillLink.ts';
import { Aid, CYCLE, EPOCH, syntheticPeople } from '../aid/aid.ts';
import { named } from '../chain/signing.ts';
import type { App } from '../gateway/app.ts';

export const CARD_PIN = '482913';
export const UNITS = 20;
const UNIT_VALUE_MINOR = 25n;
const KINDS = ['secp256k1', 'p256'] as const;

export interface Shop {
  readonly aid: Aid;
  readonly vendor: VendorId;
  readonly token: string;
  /** By index; what a scanner types. */
  readonly cards: readonly CardFile[];
  /** Behind the address of the till's page. */
  link(till: number): string;
  /** What its agency takes up, from the record that the page saved. */
  takeUp(record: Readonly<Record<string, unknown>>): Promise<unknown>;
  remaining(index: number): Promise<number>;
  /** Batches that the ledger has of this shop. */
  batches(): Promise<number>;
}

export const codeOf = (card: CardFile): string => writeCard(card);

export async function openShop(app: App, people: number): Promise<Shop> {
  const aid = new Aid(app, 'food at a screen');
  const vendor = named('shop with a screen') as string as VendorId;
  await aid.define();
  await aid.fund('1000000');
  const { body } = await aid.register(syntheticPeople(people));
  const of = { programme: aid.programme, enrolmentEpoch: EPOCH };
  const made = body.people.map(({ personId }, i) => {
    const keyKind = KINDS[i % KINDS.length] ?? 'p256';
    const { card, possession } = makeCard(app.trust(), { ...of, keyKind }, CARD_PIN);
    return { personId, card, enrolled: { personId, keyKind, keyId: card.keyId, possession } };
  });
  await aid.act('/acts/enrolments', {
    ...of,
    effectiveFrom: 0,
    people: made.map(({ enrolled }) => enrolled),
  });
  await aid.loadSlots();
  const { body: places } = await aid.ask<{ rows: { index: number; personId: string }[] }>(
    'GET',
    `${aid.path}/enrolments/${EPOCH}/places`,
  );
  aid.places = places.rows;
  const roll = await aid.putRoll<{ root: string }>(
    aid.rollOf(() => UNITS),
    people,
    people * UNITS,
  );
  await aid.openCycle(roll.body.root, UNIT_VALUE_MINOR);
  await aid.loadUnits();
  await aid.act('/acts/vendors', { vendor, standing: 'active', from: 0 });
  const indexOf = (personId: string) => places.rows.find((one) => one.personId === personId)?.index ?? -1;
  const cards = made
    .map(({ personId, card }) => ({ ...card, index: indexOf(personId) }))
    .sort((a, b) => a.index - b.index);
  return {
    aid,
    vendor,
    token: await aid.tillToken(vendor),
    cards,
    link: (till) => writeTillLink({ vendor, till: till as TillId }, app.trust()),
    takeUp: ({ format: _, ...record }) => aid.act('/acts/tills', { ...record, standing: 'active' }),
    remaining: async (index) => {
      const place = `${aid.path}/cycles/${CYCLE}/entries/${index}`;
      return (await aid.ask<{ remainingUnits: number }>('GET', place)).body.remainingUnits;
    },
    batches: async () =>
      (await aid.ask<{ total: number }>('GET', `/vendors/${vendor}/redemptions`)).body.total,
  };
}
