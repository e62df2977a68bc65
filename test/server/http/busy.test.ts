/**
 * While a large file is taken, others are answered; it can be left, found again and ended, and what it wrote stays.
 * `npm run bench -- --only files` measures the same at full size.
 */
import { expect } from 'chai';
import { pulseDuring } from '../../../bench/pulse.ts';
import { Aid, syntheticPeople } from '../../aid/aid.ts';
import { named } from '../../chain/signing.ts';
import { type App, type Problem, startApp } from '../../gateway/app.ts';
import { collection, feature, square } from '../domain/survey/parcelFiles.ts';

/** The bench holds 200 ms on a machine of its own; here other suites run beside, and take turns with everybody. */
const WAIT_MS = 500;
/** What holds everybody up holds them up for most of its time, on however slow a machine. */
const SHARE = 0.2;
const PARCELS = 6_000;
const PEOPLE = 2_000;
const ROLL_LINES = 150_000;

interface JobTold {
  readonly id: string;
  readonly state: string;
  readonly done?: number;
  readonly answer?: { readonly recorded: readonly { readonly number: string; readonly baUnit: string }[] };
  readonly problem?: Problem;
}

describe('while a large file is taken', function () {
  this.timeout(180_000);
  let app: App;
  before(async () => {
    app = await startApp();
  });
  after(() => app?.remove());

  const rows = (name: string, count: number, y: number) =>
    Array.from({ length: count }, (_, i) =>
      feature(`${name}/${i}`, [square(30 + (i % 100) * 0.001, y + Math.floor(i / 100) * 0.001)]),
    );
  const parcels = async <T>(features: readonly string[], headers: Readonly<Record<string, string>> = {}) =>
    app.ask<T>('PUT', '/parcels?office=1', {
      token: await app.token('registrar', 1),
      file: { text: collection(features), type: 'application/geo+json' },
      headers,
    });
  /** Nobody waits long, or for much of the time that the work takes. */
  async function pulse<T>(work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const [done, { worstMs }] = await pulseDuring(`${app.url}/health/live`, work);
    expect(worstMs).to.be.lessThan(Math.max(WAIT_MS, SHARE * (performance.now() - started)));
    return done;
  }

  it('of parcels, every other request is answered, and sent again it is answered with its ids', async () => {
    const map = rows('BUSY', PARCELS, 1);
    const first = await pulse(() => parcels<{ recorded: unknown[] }>(map));
    expect(first.body.recorded).to.have.length(PARCELS);
    const again = await pulse(() => parcels<{ recorded: unknown[] }>(map));
    expect(again.body.recorded).to.deep.equal(first.body.recorded);
  });

  it('of people, of a roll and of nothing but line ends, every other request is answered', async () => {
    const aid = new Aid(app, 'a busy programme');
    await aid.act('/acts/programmes', aid.policy());
    const file = (text: string) => ({ file: { text, type: 'text/csv' } });
    const many = ['nationalId;fullName;hhSize;village', ...syntheticPeople(PEOPLE)].join('\n');
    const people = await pulse(() =>
      aid.ask<{ people: unknown[] }>('PUT', `${aid.path}/registrations`, file(many)),
    );
    expect(people.body.people).to.have.length(PEOPLE);
    const lines = Array.from({ length: ROLL_LINES }, (_, i) => `0x${i.toString(16).padStart(64, '0')},1`);
    const roll = await pulse(() =>
      aid.putRoll<Problem>(['personId,units', ...lines].join('\n'), ROLL_LINES, ROLL_LINES),
    );
    expect(roll.body.code).to.equal('person-unknown');
    for (const end of ['\n', '\r\n', ';\n']) {
      const text = `fullName;phone\n${end.repeat(2_000_000 / end.length)}`;
      const none = await pulse(() => aid.ask<Problem>('PUT', `${aid.path}/registrations`, file(text)));
      expect(none.body.code).to.equal('file-empty');
    }
  });

  it('it can be left and found again by its institution alone, with its progress and its answer', async () => {
    const begun = await parcels<{ job: string; href: string }>(rows('LEFT', 500, 2), {
      Prefer: 'respond-async',
    });
    expect([begun.status, begun.headers.get('Location')]).to.deep.equal([202, begun.body.href]);
    const token = await app.token('registrar', 1);
    const job = () => app.ask<JobTold>('GET', begun.body.href, { token });
    let told = await job();
    while (told.body.state === 'running') told = await job();
    expect(told.body.state, told.text).to.equal('done');
    expect(told.body.done).to.equal(500);
    expect(told.body.answer?.recorded).to.have.length(500);
    const stranger = await app.ask<Problem>('GET', begun.body.href, {
      token: await app.token('registrar', 2),
    });
    expect([stranger.status, stranger.body.code]).to.deep.equal([404, 'job-missing']);
    const refused = await app.ask<{ href: string }>('PUT', '/parcels?office=1', {
      token,
      file: { text: '{', type: 'application/json' },
      headers: { Prefer: 'respond-async' },
    });
    let problem = await app.ask<JobTold>('GET', refused.body.href, { token });
    while (problem.body.state === 'running') problem = await app.ask('GET', refused.body.href, { token });
    expect([problem.body.state, problem.body.problem?.code]).to.deep.equal(['refused', 'file-malformed']);
  });

  it('it can be ended: what it wrote stays, and the same file again goes on from there', async () => {
    const token = await app.token('registrar', 1);
    // A machine may write a small map before anybody can ask for its end: then a larger one is tried, beside it.
    for (const [y, count] of [3_000, 12_000, 36_000].entries()) {
      const map = rows(`ENDED-${count}`, count, 3 + y);
      const begun = await parcels<{ href: string }>(map, { Prefer: 'respond-async' });
      const job = () =>
        app.ask<JobTold & { phase?: string }>('GET', begun.body.href, { token }).then(({ body }) => body);
      let told = await job();
      while (told.state === 'running' && (told.phase !== 'writing' || (told.done ?? 0) < 200))
        told = await job();
      const { body } = await app.ask<JobTold>('DELETE', begun.body.href, { token });
      if (body.state === 'done') continue;
      expect([body.state, body.problem?.code]).to.deep.equal(['cancelled', 'job-cancelled']);
      const again = await parcels<{ recorded: { number: string }[]; warnings: { code: string }[] }>(map);
      expect(new Set(again.body.recorded.map(({ number }) => number)).size).to.equal(count);
      const known = again.body.warnings.filter(({ code }) => code === 'parcel-known').length;
      expect(known).to.be.within(200, count - 1);
      return;
    }
    throw new Error('each map was written before its end was asked for');
  });

  it('a dry run of a roll, of people and of a map is left, found and ended as an upload is', async () => {
    const aid = new Aid(app, 'a busy programme');
    const lines = Array.from({ length: ROLL_LINES }, (_, i) => `0x${i.toString(16).padStart(64, '0')},1`);
    const declared = `declaredCount=${ROLL_LINES}&declaredUnits=${ROLL_LINES}`;
    const roll = `${aid.cyclePath}/roll?enrolmentEpoch=1&entryBytes=1&dryRun=true&${declared}`;
    const text = ['personId,units', ...lines].join('\n');
    const headers = { Prefer: 'respond-async' };
    const ended = await aid.ask<{ href: string }>('PUT', roll, { file: { text, type: 'text/csv' }, headers });
    expect([ended.status, ended.headers.get('location')]).to.deep.equal([202, ended.body.href]);
    const left = await aid.ask<JobTold>('DELETE', ended.body.href);
    expect([left.body.state, left.body.problem?.code]).to.deep.equal(['cancelled', 'job-cancelled']);
    const people = ['nationalId;fullName;hhSize;village', ...syntheticPeople(3)].join('\n');
    const registrar = { token: await app.token('registrar', 1) };
    const map = { text: collection(rows('DRY', 3, 40)), type: 'application/geo+json' };
    const begun = [
      await aid.ask<{ href: string }>('PUT', `${aid.path}/registrations?dryRun=true`, {
        file: { text: people, type: 'text/csv' },
        headers,
      }),
      await app.ask<{ href: string }>('PUT', '/parcels?office=1&dryRun=true', {
        ...registrar,
        file: map,
        headers,
      }),
    ];
    for (const [i, { status, body }] of begun.entries()) {
      expect(status).to.equal(202);
      const job = () =>
        i === 0 ? aid.ask<JobTold>('GET', body.href) : app.ask<JobTold>('GET', body.href, registrar);
      let told = await job();
      while (told.body.state === 'running') told = await job();
      expect(told.body.answer).to.include({ dryRun: true, read: 3 });
    }
  });

  it('an institution has few of them under way, and is told so', async () => {
    const token = await app.token('agency', 1);
    const send = () =>
      app.ask<Problem & { retryable: boolean }>(
        'PUT',
        `/programmes/${named('a busy programme')}/registrations`,
        {
          token,
          file: { text: ['fullName', ...syntheticPeople(3_000)].join('\n'), type: 'text/csv' },
          headers: { Prefer: 'respond-async' },
        },
      );
    const told = await Promise.all(Array.from({ length: 8 }, send));
    expect(told.filter(({ status }) => status === 202).length).to.be.within(4, 7);
    const refused = told.find(({ status }) => status !== 202);
    expect([refused?.status, refused?.body.code, refused?.body.retryable]).to.deep.equal([
      ...[429, 'jobs-too-many', true],
    ]);
    expect(Number(refused?.headers.get('retry-after'))).to.be.greaterThan(0);
  });

  it('of which the first after a restart finds what is there again, every other request is answered', async () => {
    await app.stop();
    app = await startApp({ folder: app.folder });
    const [one] = rows('BUSY', 1, 1);
    const first = await pulse(() => parcels<{ recorded: unknown[] }>([one ?? '']));
    expect(first.body.recorded).to.have.length(1);
    const box = '/parcels?office=1&box=0,0,60,60';
    const found = await pulse(async () =>
      app.ask<{ total: number }>('GET', box, { token: await app.token('registrar', 1) }),
    );
    expect(found.body.total).to.be.at.least(PARCELS);
  });
});
