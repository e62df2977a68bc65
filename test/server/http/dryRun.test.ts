/** A dry run over the API says what the upload will say, and keeps nothing. */
import { expect } from 'chai';
import { Aid, EPOCH } from '../../aid/aid.ts';
import { type App, startApp } from '../../gateway/app.ts';

interface Line {
  readonly code: string;
  readonly line?: number;
  readonly answers?: readonly string[];
}
interface Told {
  readonly dryRun?: true;
  readonly good?: number;
  readonly rows?: readonly { readonly line: number }[];
  readonly people?: Aid['people'];
  readonly refused: readonly Line[];
  readonly refusedTotal?: number;
  readonly warnings: readonly Line[];
}

/** Refused lines in one answer. */
const LISTED_MAX = 20_000;
const HEADER = 'national_id;name;phone;village;age';
const FIRST = [
  '11111111;Synthetic Ada;+254700000001;Well;40',
  '22222222;Synthetic Ben;+254700000002;Well;50',
];

describe('a dry run', function () {
  this.timeout(180_000);
  let app: App;
  let aid: Aid;
  before(async () => {
    app = await startApp();
    aid = new Aid(app, 'a programme of dry runs');
    await aid.define();
  });
  after(() => app?.remove());

  async function people(lines: readonly string[], dryRun: boolean, answers: readonly object[] = []) {
    const query = new URLSearchParams({ dryRun: String(dryRun), settings: JSON.stringify({ answers }) });
    const file = { text: [HEADER, ...lines].join('\n'), type: 'text/csv' };
    const { status, body, text } = await aid.ask<Told>('PUT', `${aid.path}/registrations?${query}`, { file });
    expect(status, text).to.equal(200);
    return body;
  }
  const codes = (lines: readonly Line[]) => lines.map(({ code, line }) => `${code} ${line}`);
  async function kept() {
    const { body } = await app.ask<{ vault: object }>('POST', '/checks', {
      token: await app.token('auditor', 0),
    });
    return body.vault;
  }

  it('that a clerk of one office began is shown to that clerk, and to nobody of another', async () => {
    const [mine, theirs] = [
      await app.token('agency', 1, 'clerk', { office: 1 }),
      await app.token('agency', 1, 'clerk', { office: 2 }),
    ];
    const begun = await app.ask('PUT', `${aid.path}/registrations?dryRun=true`, {
      ...{ token: mine, headers: { Prefer: 'respond-async' } },
      file: { text: [HEADER, ...FIRST].join('\n'), type: 'text/csv' },
    });
    expect(begun.status, begun.text).to.equal(202);
    const href = begun.headers.get('Location') ?? '';
    expect((await app.ask('GET', href, { token: mine })).status).to.equal(200);
    expect((await app.ask('GET', href, { token: theirs })).status).to.equal(404);
  });

  it('of people asks what the upload will ask, of those who came before too, and keeps nothing', async () => {
    aid.people = (await people(FIRST, false)).people ?? [];
    expect(aid.people).to.have.length(2);
    const lines = [
      '11111111;Synthetic Other;+254700000009;Hill;20', // another person by all but the id
      ';Synthetic Ben;+254700000002;Well;50', // alike, without the id
      '2222222-2;Synthetic Cyd;+254700000003;Well;30', // the id otherwise spelt
      '33333333;Synthetic Dee;12;Well;30',
      '44444444;Synthetic Eve;+254700000005;Well;30',
    ];
    const before = await kept();
    const dry = await people(lines, true);
    const again = await people(lines, true);
    expect(await kept()).to.deep.equal(before);
    expect(codes(again.refused)).to.deep.equal(codes(dry.refused));
    expect([dry.good, dry.rows?.map(({ line }) => line)]).to.deep.equal([1, [6]]);
    for (const { code, answers } of dry.refused)
      if (code !== 'phone-malformed') expect(answers, code).to.not.equal(undefined);
    const taken = await people(lines, false);
    expect(codes(dry.refused)).to.deep.equal(codes(taken.refused));
    expect(codes(dry.warnings)).to.deep.equal(codes(taken.warnings));
    expect(codes(taken.refused).map((told) => told.split(' ')[0])).to.include.members([
      'person-differs',
      'phone-malformed',
    ]);
  });

  it('of people takes answers as the upload does, and says which decided nothing', async () => {
    const lines = ['11111111;Synthetic Ada;+254700000001;Hill;41'];
    const [{ code = '' } = {}] = (await people(lines, true)).refused;
    expect(code).to.equal('person-differs');
    const answered = await people(lines, true, [{ code, answer: 'same-person', line: 2 }]);
    expect([answered.good, codes(answered.refused)]).to.deep.equal([1, []]);
    const astray = await people(lines, true, [{ code, answer: 'same-person', line: 3 }]);
    expect(codes(astray.refused)).to.include('answer-not-asked 3');
    expect(codes((await people(lines, true)).refused)).to.deep.equal(['person-differs 2']);
  });

  it('of a file that is refused whole says why, as an answer', async () => {
    const { good, refused } = await people(['11111111;"Synthetic'], true);
    expect([good, codes(refused)]).to.deep.equal([0, ['quote-misplaced 2']]);
  });

  it('of a roll holds its people against the enrolment, and writes nothing', async () => {
    await aid.act('/acts/enrolments', aid.enrolmentOf(aid.people.slice(0, 1)));
    await aid.loadSlots();
    const [ada, ben] = aid.people;
    const place = (dryRun: boolean, count: number) =>
      `${aid.cyclePath}/roll?enrolmentEpoch=${EPOCH}&entryBytes=1&declaredCount=${count}&declaredUnits=${count}&dryRun=${dryRun}`;
    const send = (dryRun: boolean, ids: readonly (string | undefined)[]) =>
      aid.ask<Told & { errors?: readonly Line[]; code?: string }>('PUT', place(dryRun, ids.length), {
        file: { text: ['personId,units', ...ids.map((id) => `${id},1`)].join('\n'), type: 'text/csv' },
      });
    const good = await send(true, [ada?.personId]);
    expect([good.body.good, codes(good.body.refused)]).to.deep.equal([1, []]);
    const dry = await send(true, [ada?.personId, ben?.personId, 'NOBODY']);
    expect(dry.status).to.equal(200);
    expect(dry.body.good).to.equal(0);
    const taken = await send(false, [ada?.personId, ben?.personId, 'NOBODY']);
    expect(taken.status).to.be.at.least(400);
    const refused = dry.body.refused.filter(({ line }) => line !== undefined);
    expect(refused.map(({ line }) => line)).to.deep.equal([3, 4]);
    const { body } = await aid.ask<{ refused: readonly Line[] }>('GET', `${aid.cyclePath}/roll/refused`);
    expect(codes(refused)).to.deep.equal(codes(body.refused.filter(({ line }) => line !== undefined)));
  });

  it('of a roll with more to refuse than is listed says how much there is, and so does the list of it', async () => {
    const count = LISTED_MAX + 5;
    const ids = Array.from({ length: count }, (_, i) => `NOBODY-${i}`);
    const file = { text: ['personId,units', ...ids.map((id) => `${id},1`)].join('\n'), type: 'text/csv' };
    const place = `${aid.cyclePath}/roll?enrolmentEpoch=${EPOCH}&entryBytes=1&declaredCount=${count}&declaredUnits=${count}`;
    const dry = await aid.ask<Told>('PUT', `${place}&dryRun=true`, { file });
    expect([dry.body.refused.length, dry.body.refusedTotal], dry.text.slice(0, 200)).to.deep.equal([
      LISTED_MAX,
      count,
    ]);
    expect((await aid.ask('PUT', place, { file })).status).to.be.at.least(400);
    const list = await aid.ask<Told>('GET', `${aid.cyclePath}/roll/refused`);
    expect([list.body.refused.length, list.body.refusedTotal]).to.deep.equal([LISTED_MAX, count]);
    const headers = { Accept: 'text/csv' };
    const table = await aid.ask('GET', `${aid.cyclePath}/roll/refused`, { headers });
    const rows = table.text.trimEnd().split('\r\n');
    expect([rows.length, rows.at(-1)]).to.deep.equal([
      LISTED_MAX + 2,
      `,,list-cut,"The first ${LISTED_MAX} of ${count} are listed.","Mend these and send the file again."`,
    ]);
  });
});
