/** A council or a company with more titles than a page: what is known of it, and what it holds, is read page by page. */
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import { type App, startApp } from '../../gateway/app.ts';

interface Found {
  readonly total: number;
  readonly rows: readonly {
    readonly personId: string;
    readonly titles: readonly { readonly baUnit: string; readonly number?: string }[];
    readonly nextTitles?: string;
    readonly records: readonly { readonly fields: { readonly name: string } }[];
    readonly hasMoreRecords: boolean;
  }[];
}
interface Read {
  readonly records: readonly { readonly fields: { readonly name: string } }[];
  readonly nextRecords?: string;
}

const TITLES = 60;
const TITLES_A_PAGE = 50;
const NAME = 'Synthetic Town Council';
const CASE = { 'X-Case-Reference': 'CASE-14' };

describe('a holder of very many titles', function () {
  this.timeout(240_000);
  let app: App;
  let units: readonly string[];
  before(async () => {
    app = await startApp();
    const file = { text: demoParcels({ count: TITLES }), type: 'application/geo+json' };
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      ...{ token: await app.token('registrar', 1), file },
    });
    units = survey.body.recorded.map(({ baUnit }) => baUnit);
    for (const some of [units.slice(0, TITLES / 2), units.slice(TITLES / 2)]) {
      await app.act('registrar', '/acts/registrations', { titles: some.map(titleOf) });
    }
  });
  after(() => app?.remove());

  const search = async (more: object = {}) =>
    app.ask<Found>('POST', '/people/searches', {
      token: await app.token('registrar', 1),
      headers: CASE,
      body: { purpose: 'registration', by: { kind: 'id-number', id: 'REG-14' }, ...more },
    });

  it('is found once, with what it holds page by page and what it is called once', async () => {
    const first = await search();
    const [council] = first.body.rows;
    expect([first.body.total, council?.titles.length]).to.deep.equal([1, TITLES_A_PAGE]);
    expect(council?.records.map(({ fields }) => fields.name)).to.deep.equal([NAME]);
    expect(council?.hasMoreRecords).to.equal(true);
    const rest = await search({ titlesAfter: council?.nextTitles });
    const [same] = rest.body.rows;
    expect([same?.personId, same?.nextTitles]).to.deep.equal([council?.personId, undefined]);
    const seen = [...(council?.titles ?? []), ...(same?.titles ?? [])].map(({ baUnit }) => baUnit);
    expect(seen.sort()).to.deep.equal([...units].sort());
    for (const titlesAfter of ['MA', council?.nextTitles?.slice(4), `${council?.nextTitles}AAAA`]) {
      const told = await search({ titlesAfter });
      expect([told.status, told.text.includes('/titlesAfter')], told.text).to.deep.equal([422, true]);
    }
  });

  it('has its records read page by page, each reading in its list', async () => {
    const { body } = await search();
    const place = `/people/${body.rows[0]?.personId}?purpose=registration&limit=25`;
    const token = await app.token('registrar', 1);
    const sizes: number[] = [];
    let next: string | undefined;
    do {
      const after = next === undefined ? '' : `&recordsAfter=${next}`;
      const page = await app.ask<Read>('GET', `${place}${after}`, { token, headers: CASE });
      expect(page.status, page.text).to.equal(200);
      sizes.push(page.body.records.length);
      next = page.body.nextRecords;
    } while (next !== undefined);
    expect(sizes).to.deep.equal([25, 25, 10]);
    const made = await app.ask('GET', `${place}&recordsAfter=MA`, { token, headers: CASE });
    expect([made.status, made.text.includes('cursor-unknown')], made.text).to.deep.equal([422, true]);
  });
});

function titleOf(baUnit: string) {
  const holder = {
    ...{ numerator: '1', partyKind: 'institution', signer: 'own', keyHash: ZERO_32 },
    party: { name: NAME, idNumber: 'REG-14' },
  };
  const right = { kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' };
  return { baUnit, origin: 'legacy', evidence: 'public-document', right: { ...right, holders: [holder] } };
}
