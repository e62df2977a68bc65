/** Lists longer than one transaction, and the power cut in the middle of them. */

import { expect } from 'chai';
import { fromHex } from '../../../server/domain/base/hex.ts';
import { numberInWords } from '../../../server/domain/base/inWords.ts';
import { MAX_ENROLMENT_PEOPLE } from '../../../server/domain/benefits/terms.ts';
import { actInWords, readActFile, unopenedIn } from '../../../server/domain/signer/actFile.ts';
import { Aid, EPOCH, type PlaceTold, syntheticPeople } from '../../aid/aid.ts';
import { named } from '../../chain/signing.ts';
import { type ActTold, type App, headOf, OFFICERS, type Problem, startApp } from '../../gateway/app.ts';
import { cardShown } from '../../gateway/held.ts';

/** Four full transactions of slots. */
const PEOPLE = 2_200;
/** From the request to each kill: before, between and after its first transactions, as the machine will have it. */
const KILL_AFTER_MS = [20, 60, 120];

describe('the words of a signed list', function () {
  this.timeout(300_000);
  let app: App;
  let aid: Aid;

  before(async () => {
    app = await startApp();
    aid = new Aid(app, 'cash for a town');
    await aid.act('/acts/programmes', aid.policy());
    await aid.fund('1000000');
    const told = await aid.register(syntheticPeople(PEOPLE));
    aid.people = told.body.people;
    const of = { programme: aid.programme, enrolmentEpoch: EPOCH };
    const people = aid.people.map(({ personId }, i) => ({
      ...{ personId, ...cardShown(app.trust(), of, fromHex(named(`card ${i}`))) },
      catchment: String(i % 7),
    }));
    const { id } = await aid.act('/acts/enrolments', { ...aid.enrolmentOf([]), people });
    const file = await fileOf(id);
    expect(unopenedIn(file)).to.deep.equal([]);
    expect(actInWords(file)[0]).to.match(/^Enrols 2,200 people in .*: 2,200 with a card\.$/);
  });
  after(() => app?.remove());

  /** What its signers were shown. */
  async function fileOf(id: string) {
    const place = `/acts/${id}?purpose=registration`; // it is carried out, and opened for a case alone
    const { body } = await aid.ask<ActTold>('GET', place, { headers: { 'X-Case-Reference': 'CASE-3' } });
    return readActFile(JSON.stringify(body.prepared));
  }

  /** Starts the loading, cuts the power in the middle of it, and starts again. */
  async function cutPower(load: () => Promise<unknown>, afterMs: number): Promise<void> {
    const loading = load().catch(() => {}); // the connection is cut with the power
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await app.kill9();
    await loading;
    app = await startApp({ folder: app.folder });
    aid.app = app;
  }

  it('go on where the ledger stands, however often the gateway is killed, and load every slot once', async () => {
    for (const afterMs of KILL_AFTER_MS) await cutPower(() => aid.loadSlots(), afterMs);
    let told = await aid.loadSlots();
    for (let tries = 0; !told.body.isDone && tries < 10; tries++) told = await aid.loadSlots();
    expect(told.body, told.text).to.include({ loaded: PEOPLE, of: PEOPLE, isDone: true });
    const places: PlaceTold[] = [];
    for (let from: string | undefined = ''; from !== undefined; ) {
      interface Page {
        readonly rows: readonly PlaceTold[];
        readonly next?: string;
      }
      const page: Page = (
        await aid.ask<Page>('GET', `${aid.path}/enrolments/${EPOCH}/places?limit=100${from}`)
      ).body;
      places.push(...page.rows);
      from = page.next === undefined ? undefined : `&after=${page.next}`;
    }
    aid.places = places;
    expect(places.map(({ index }) => index)).to.deep.equal(Array.from({ length: PEOPLE }, (_, i) => i));
    const ids = new Set(places.map(({ personId }) => personId));
    expect([...ids].sort()).to.deep.equal(aid.people.map(({ personId }) => personId).sort());
    console.log(`      kills while slots were loaded | ${KILL_AFTER_MS.length} tried | 0 lost, 0 doubled`);
  });

  it('release a cycle only whole, with the units of everybody, after a kill too', async () => {
    const unitsAt = (index: number) => 1 + (index % 50);
    const total = aid.places.reduce((sum, { index }) => sum + unitsAt(index), 0);
    const roll = await aid.putRoll<{ root: string }>(aid.rollOf(unitsAt), PEOPLE, total);
    expect(roll.status, roll.text).to.equal(200);
    const file = await fileOf((await aid.openCycle(roll.body.root, 1n)).id);
    expect(unopenedIn(file)).to.deep.equal([]);
    expect(actInWords(file)[0]).to.include(
      `Gives 2,200 people ${numberInWords(total)} units of KES 0.01 each`,
    );
    await cutPower(() => aid.loadUnits(), 30);
    let told = await aid.loadUnits();
    for (let tries = 0; !told.body.isDone && tries < 10; tries++) told = await aid.loadUnits();
    expect(told.body, told.text).to.include({ isDone: true });
    expect(await aid.cycle()).to.include({ state: 'released', issuedUnits: String(total) });
    for (const index of [0, 31, 32, PEOPLE - 1]) {
      const entry = await aid.ask<{ remainingUnits: number }>('GET', `${aid.cyclePath}/entries/${index}`);
      expect(entry.body.remainingUnits, String(index)).to.equal(unitsAt(index));
    }
  });

  it('are of no more people than one list holds', async () => {
    const personId = aid.people[0]?.personId;
    const people = Array.from({ length: MAX_ENROLMENT_PEOPLE + 1 }, () => ({ personId }));
    const body = { head: headOf(OFFICERS.preparer), ...aid.enrolmentOf([]), people };
    const told = await aid.ask<Problem>('POST', '/acts/enrolments', { body });
    expect(told.status).to.equal(422);
    expect(told.body.errors?.[0]?.pointer).to.equal('/people');
  });
});
