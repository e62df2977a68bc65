/** A unit that was divided or joined: its history leads to what became of it, and theirs back to it, by number. */
import { expect } from 'chai';
import { readCertificate } from '../../../server/domain/audit/certificate.ts';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import { type App, OFFICERS, startApp } from '../../gateway/app.ts';
import { collection, feature, square } from '../domain/survey/parcelFiles.ts';

/** In person and on paper, before two institutions: no keys. */
const PAIR = [OFFICERS.preparer, OFFICERS.secondApprover] as const;
const RIGHT = {
  ...{ kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' },
  holders: [
    {
      ...{ numerator: '1', partyKind: 'person', signer: 'own', keyHash: ZERO_32 },
      party: { name: 'SYNTHETIC HOLDER' },
    },
  ],
};

interface Line {
  readonly act: string;
  readonly changes: readonly {
    readonly what: string;
    readonly words: string;
    readonly units?: readonly { readonly baUnit: string; readonly number?: string }[];
  }[];
}

describe('the history of a unit', function () {
  this.timeout(180_000);
  let app: App;
  let token: string;
  const units = new Map<string, string>();
  const unitOf = (number: string) => units.get(number) ?? '';
  const children = (...numbers: string[]) => numbers.map((number) => ({ baUnit: unitOf(number) }));
  const act = (place: string, fields: object) => app.act('registrar', place, fields, PAIR);

  async function surveyed(features: readonly string[], query = 'office=1'): Promise<void> {
    const file = { text: collection(features), type: 'application/geo+json' };
    const told = await app.ask<{ recorded: { number: string; baUnit: string }[] }>(
      'PUT',
      `/parcels?${query}`,
      { token, file },
    );
    expect(told.body.recorded, told.text).to.have.length(features.length);
    for (const { number, baUnit } of told.body.recorded) units.set(number, baUnit);
  }

  /** Plots side by side, from a place on. */
  const plots = (numbers: readonly string[], west: number, side: number) =>
    numbers.map((number, i) => feature(number, [square(west + i * (side + 0.00001), 0, side)]));

  async function registered(number: string, west: number): Promise<void> {
    await surveyed([feature(number, [square(west, 0)])]);
    const title = { baUnit: unitOf(number), origin: 'legacy', evidence: 'public-document', right: RIGHT };
    await act('/acts/registrations', { titles: [title] });
  }

  /** What a history says of kin, by the act; as the institution that keeps the office reads it unless said. */
  async function kinOf(
    number: string,
    as = token,
    place = `/history/${unitOf(number)}`,
  ): Promise<readonly (readonly [string, string])[]> {
    const told = await app.ask<{ rows: Line[] }>('GET', place, { token: as });
    expect(told.status, told.text).to.equal(200);
    return told.body.rows.flatMap((line) =>
      line.changes.flatMap(({ what, words }) => (what === 'kin' ? [[line.act, words] as const] : [])),
    );
  }

  before(async () => {
    app = await startApp();
    token = await app.token('registrar', 1);
  });
  after(() => app?.remove());

  it('says into which parcels it was divided, and theirs from which they came', async () => {
    await registered('A', 0);
    await surveyed(plots(['A/1', 'A/2'], 0, 0.0004), 'office=1&replacing=A');
    await act('/acts/subdivisions', { baUnit: unitOf('A'), children: children('A/1', 'A/2') });
    expect(await kinOf('A')).to.deep.equal([['subdivision', 'Divided into parcels A/1 and A/2']]);
    for (const child of ['A/1', 'A/2']) {
      expect(await kinOf(child)).to.deep.equal([['subdivision', 'Divided from parcel A']]);
    }
    const versions = `/titles/${unitOf('A/1')}/history`;
    expect(await kinOf('A/1', token, versions)).to.deep.equal([['subdivision', 'Divided from parcel A']]);
  });

  it('says of parcels that were joined with which and into which', async () => {
    await surveyed([feature('A/12', [square(0, 0, 0.00085)])], 'office=1&replacing=A%2F1&replacing=A%2F2');
    const child = { baUnit: unitOf('A/12'), right: RIGHT };
    await act('/acts/consolidations', { baUnits: [unitOf('A/1'), unitOf('A/2')], child });
    expect(await kinOf('A/12')).to.deep.equal([['consolidation', 'Joined from parcels A/1 and A/2']]);
    expect((await kinOf('A/1')).at(-1)).to.deep.equal(['consolidation', 'Joined into parcel A/12']);
    expect((await kinOf('A/2')).at(-1)).to.deep.equal(['consolidation', 'Joined into parcel A/12']);
  });

  it('is of a plot whose certificate says its area, however the plot began', async () => {
    for (const number of ['A/1', 'A/12']) {
      const told = await app.ask('GET', `/titles/${unitOf(number)}/certificate`, {
        ...{ token, headers: { 'X-Case-Reference': 'CASE-21' } },
      });
      const facts = readCertificate(told.text).facts.map(({ path }) => path);
      expect(facts, number).to.include.members(['parcel/number', 'parcel/area-mm2']);
    }
  });

  it('follows a division in four steps, also one that was cancelled before', async () => {
    const numbers = Array.from({ length: 6 }, (_, i) => `Q/${i}`);
    await registered('Q', 0.5);
    await surveyed(plots(numbers, 0.5, 0.0001), 'office=1&replacing=Q');
    const divided = { baUnit: unitOf('Q'), children: children(...numbers) };
    await act('/acts/divisions', divided);
    await act('/acts/division-cancellations', { baUnit: unitOf('Q') });
    await act('/acts/divisions', divided);
    const done = await app.ask('POST', `/titles/${unitOf('Q')}/division`, { token });
    expect(done.status, done.text).to.equal(200);
    const all = 'Q/0, Q/1, Q/2, Q/3, Q/4 and Q/5';
    expect(await kinOf('Q')).to.deep.equal([
      ['division-opening', 'To be divided into 6 parcels'],
      ['division-cancellation', 'Not divided after all'],
      ['division-opening', 'To be divided into 6 parcels'],
      ['division-loading', `Parcels that it is to be divided into: ${all}`],
      ['division-completion', `Divided into parcels ${all}`],
    ]);
    expect(await kinOf('Q/3')).to.deep.equal([['division-completion', 'Divided from parcel Q']]);
  });

  it('says of which parcel of common land a part is', async () => {
    await surveyed(['tower', 'flat'].map((name, i) => feature(name, [square(0.06 + i / 100, 0)])));
    const title = (number: string) => ({
      ...{ baUnit: unitOf(number), origin: 'legacy', evidence: 'public-document', right: RIGHT },
    });
    await act('/acts/registrations', { titles: [{ ...title('tower'), quotaTotal: '1000' }] });
    const parts = [{ ...title('flat'), quota: '600' }];
    await act('/acts/parts', { baUnit: unitOf('tower'), parts });
    expect(await kinOf('flat')).to.deep.equal([['part-registration', 'A part of parcel tower']]);
    expect(await kinOf('tower')).to.deep.equal([['part-registration', 'Given a part, parcel flat']]);
  });

  it('names units by their ids to who does not keep them, and says them one by one besides', async () => {
    const other = await app.token('registrar', 2);
    const [line] = await kinOf('A', other);
    expect(line?.[1]).to.match(/^Divided into units 0x[0-9a-f]{8}\.\.\.[0-9a-f]{4} and 0x/);
    const told = await app.ask<{ rows: Line[] }>('GET', `/history/${unitOf('A')}`, { token });
    const kin = told.body.rows.at(-1)?.changes.find(({ what }) => what === 'kin');
    expect(kin?.units).to.deep.equal([
      { baUnit: unitOf('A/1'), number: 'A/1' },
      { baUnit: unitOf('A/2'), number: 'A/2' },
    ]);
  });
});
