/**
 * A file that is sent again answers what it answered first, ids included: whoever of the office sends it, after a
 * restart, and after what was made of it is on the ledger.
 */
import { expect } from 'chai';
import { Aid, type PersonTold } from '../../aid/aid.ts';
import { type App, type Problem, startApp, type Told } from '../../gateway/app.ts';
import { collection, feature, square } from '../domain/survey/parcelFiles.ts';

interface RollTold {
  readonly root: string;
  readonly read: number;
  readonly count: number;
  readonly tableHash: string;
}
interface PeopleTold {
  readonly people: readonly PersonTold[];
}

/** Neither is known by a document alone, and one line cannot be taken. */
const PEOPLE = [
  ['name', 'id', 'units'],
  ['Synthetic One', 'S-1', '3'],
  ['Synthetic Two', '', '4'],
  ['Synthetic Nobody', 'S-3', '0'],
]
  .map((row) => row.join(';'))
  .join('\n');
/** The second and third share a sliver, the fourth is too small. */
const PARCELS = collection([
  feature('A/1', [square(70, 1)], { area_m2: 12_300 }),
  feature('A/2', [square(70, 2)]),
  feature('A/3', [square(70.001 - 1e-10, 2)]),
  feature('A/4', [square(70, 3, 0.000005)]),
]);

describe('a file that is sent again', function () {
  this.timeout(180_000);
  let app: App;
  let aid: Aid;
  /** Of what was sent first, by its name: the answer as it was written. */
  const first = new Map<string, string>();
  /** Who sends: another token of the same institution each time. */
  let sender = 0;

  before(async () => {
    app = await startApp();
    aid = new Aid(app, 'a programme of retries');
    await aid.define();
    await aid.fund('1000');
  });
  after(() => app?.remove());

  const tokenOf = (role: 'agency' | 'registrar') => app.token(role, 1, `sender ${sender++}`);
  const put = async <T>(role: 'agency' | 'registrar', place: string, text: string, type: string) =>
    app.ask<T>('PUT', place, { token: await tokenOf(role), file: { text, type } });
  const people = () =>
    put<PeopleTold>(
      'agency',
      `${aid.path}/registrations?settings={"columns":{"nationalId":"id"}}`,
      PEOPLE,
      'text/csv',
    );
  const parcels = () => put<object>('registrar', '/parcels?office=1', PARCELS, 'application/geo+json');
  const rollText = (...units: readonly number[]) =>
    ['personId,units', ...units.map((each, i) => `${aid.people[i]?.personId},${each}`)].join('\n');
  async function roll<T = RollTold>(text: string): Promise<Told<T>> {
    const lines = text.split('\n').slice(1);
    const total = lines.reduce((sum, line) => sum + Number(line.split(',')[1]), 0);
    const declared = `declaredCount=${lines.length}&declaredUnits=${total}`;
    const place = `${aid.cyclePath}/roll?enrolmentEpoch=1&entryBytes=4&${declared}`;
    return put<T>('agency', place, text, 'text/csv');
  }
  async function enrol(some: readonly PersonTold[]): Promise<void> {
    await aid.act('/acts/enrolments', aid.enrolmentOf(some));
    expect((await aid.loadSlots()).body).to.include({ isDone: true });
  }
  async function restart(): Promise<void> {
    await app.stop();
    app = await startApp({ folder: app.folder });
    aid.app = app;
  }
  /** What is known by now is said in the warnings, and in nothing else. */
  const withoutWarnings = (text: string) => {
    const { warnings: _, ...answer } = JSON.parse(text);
    return JSON.stringify(answer);
  };
  const expectAll = async () => {
    expect((await people()).text).to.equal(first.get('people'));
    expect(withoutWarnings((await parcels()).text)).to.equal(withoutWarnings(first.get('parcels') ?? ''));
    expect((await roll(rollText(3, 4))).text).to.equal(first.get('roll'));
  };

  it('answers the same, byte for byte, whoever of the office sends it and however often at once', async () => {
    const registered = await people();
    aid.people = registered.body.people;
    expect(aid.people).to.have.length(2);
    first.set('people', registered.text);
    const surveyed = await parcels();
    expect(surveyed.text).to.include('parcel-overlaps-little').and.include('parcel-too-small');
    first.set('parcels', surveyed.text);
    await enrol(aid.people.slice(0, 2));
    const taken = await Promise.all(Array.from({ length: 4 }, () => roll(rollText(3, 4))));
    expect(new Set(taken.map(({ text }) => text)).size, taken[1]?.text).to.equal(1);
    expect(taken[0]?.body).to.include({ read: 2, count: 2 });
    first.set('roll', taken[0]?.text ?? '');
    await expectAll();
  });

  it('answers the same after a restart', async () => {
    await restart();
    await expectAll();
  });

  it('is another roll where a line differs, though its total is the same', async () => {
    const other = await roll(rollText(4, 3));
    expect(other.status, other.text).to.equal(200);
    expect(other.body.root).to.not.equal(JSON.parse(first.get('roll') ?? '').root);
    expect((await roll(rollText(4, 3))).text).to.equal(other.text);
    await expectAll();
  });

  it('answers the same when others were enrolled since, who have nothing by it', async () => {
    const more = await put<PeopleTold>(
      'agency',
      `${aid.path}/registrations`,
      'name;village\nSynthetic Late;Well',
      'text/csv',
    );
    expect(more.status, more.text).to.equal(200);
    await enrol(more.body.people);
    await expectAll();
    aid.people = [...aid.people, ...more.body.people];
    const longer = await roll(rollText(3, 4, 5));
    expect(longer.body).to.include({ read: 3, count: 3 });
  });

  it('answers the same once two officers opened the cycle over it, and anything else is refused', async () => {
    const { root } = JSON.parse(first.get('roll') ?? '') as RollTold;
    await aid.openCycle(root, 1n);
    const expectNothingElse = async () => {
      await expectAll();
      for (const units of [[4, 3], [3, 4, 5], [3, 5], [7]]) {
        const told = await roll<Problem>(rollText(...units));
        expect([told.status, told.body.code], units.join()).to.deep.equal([409, 'cycle-exists']);
      }
    };
    await expectNothingElse();
    expect((await aid.loadUnits()).body).to.include({ isDone: true });
    await restart();
    await expectNothingElse();
  });
});
