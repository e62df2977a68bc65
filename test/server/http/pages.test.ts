/** What a person or a monitor meets before any token: the pages, the metrics, the catalogue and the rules. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { expect } from 'chai';
import { refusals } from '../../../server/domain/base/refusal.ts';
import { type App, startApp } from '../../gateway/app.ts';
import { kudurru } from '../../gateway/kudurru.ts';

const ENROL = path.resolve(import.meta.dirname, '../../../web/enrol.js');
const MARKED = 'wanjiku';

describe('the pages of the gateway', function () {
  this.timeout(120_000);
  let app: App;
  before(async () => {
    app = await startApp();
  });
  after(() => app?.remove());

  const page = async (place: string) => (await app.ask<string>('GET', place)).text;

  it('say on the first one how the ledger stands', async () => {
    const text = await page('/');
    expect(text).to.match(/Titles in force<\/dt><dd>0</);
    expect(text).to.match(/Entitlements granted<\/dt><dd>0</);
    expect(text).to.match(/Age of the last block<\/dt><dd>\d+ (s|min)</);
    expect(text).to.match(/Is the ledger sound\?<\/dt><dd class="good">Yes/);
    expect(text).not.to.include('DEMO');
  });

  it('have no dead link and fetch nothing from elsewhere', async () => {
    const seen = new Set<string>();
    const next = ['/', '/enrol'];
    for (let place = next.pop(); place !== undefined; place = next.pop()) {
      if (seen.has(place)) continue;
      seen.add(place);
      const { status, text, headers } = await app.ask<string>('GET', place);
      expect(status, place).to.equal(200);
      if (!headers.get('Content-Type')?.includes('html')) continue;
      for (const [, to = ''] of text.matchAll(/(?:href|src)="([^"#]*)/g)) {
        expect(to, `a link of ${place}`).to.match(/^\//);
        next.push(to);
      }
    }
    expect([...seen]).to.include.members([
      '/api',
      '/api/start.js',
      '/console',
      '/verify',
      '/rules',
      '/refusals',
      '/metrics',
      '/page.css',
    ]);
  });

  it('ask nothing: a query behind the address of one is refused, as behind any other', async () => {
    const places = [
      '/',
      '/api',
      '/api/start.js',
      '/openapi.json',
      '/metrics',
      '/enrol',
      '/page.css',
      '/icon.svg',
      '/console/fr/find',
      '/verify',
    ];
    for (const place of places) {
      const { status, body } = await app.ask('GET', `${place}?utm=1`);
      expect([status, body.code, body.errors?.[0]?.pointer], place).to.deep.equal([
        ...[422, 'validation-failed', '/query'],
      ]);
      expect((await app.ask('GET', `${place}?`)).status, place).to.equal(200);
    }
  });

  it('say of a part or a language that is not there that it is missing, and not that it cannot be read', async () => {
    for (const place of [
      '/console/assets/none-12345678.js',
      '/console/assets/manifest.json',
      '/console/xx/',
    ]) {
      const { status, body } = await app.ask('GET', place);
      expect([status, body.code], place).to.deep.equal([404, 'route-missing']);
    }
  });

  it('let no page be framed, sniffed or scripted from elsewhere', async () => {
    const { headers } = await app.ask<string>('GET', '/');
    const policy = headers.get('Content-Security-Policy') ?? '';
    expect(policy).to.include("default-src 'none'").and.to.include("frame-ancestors 'none'");
    expect(headers.get('X-Content-Type-Options')).to.equal('nosniff');
  });

  it('count requests by the template of their route, and show nothing of what was asked', async () => {
    await app.ask('GET', `/nothing/${MARKED}`);
    await app.ask('GET', `/titles/${MARKED}?holder=${MARKED}`);
    const text = await page('/metrics');
    expect(text).to.match(/^kudurru_refusals_total\{code="route-missing"\} [1-9]/m);
    expect(text).to.match(/^kudurru_http_seconds_count\{route="GET \/titles\/\{\w+\}",status="401"\} [1-9]/m);
    expect(text).to.match(/^kudurru_ledger_sound 1$/m);
    expect(text).to.match(/^kudurru_block_number [1-9]/m);
    expect(text).to.match(/^kudurru_operations_queued 0$/m);
    expect(text).to.match(/^kudurru_operation_waits_seconds 0$/m);
    expect(text).not.to.include(MARKED);
  });

  it('say of every refusal, at the address its problems name, what happened, what was not done and what to do', async () => {
    const html = { headers: { Accept: 'text/html,*/*' } };
    const { body: problem } = await app.ask<{ type: string }>('GET', '/titles');
    expect(problem.type).to.equal('/problems/token-required');
    const { body } = await app.ask<{ rows: { code: string; message: string; remedy: string }[] }>(
      'GET',
      '/refusals',
    );
    expect(body.rows.map(({ code }) => code)).to.include.members([
      ...Object.keys(refusals),
      'ledger-unavailable',
      'ledger-damaged',
      'internal',
    ]);
    for (const { code, message, remedy } of body.rows.filter((_, i) => i % 10 === 0)) {
      const told = await app.ask<string>('GET', `/problems/${code}`, html);
      expect(told.headers.get('Content-Type'), code).to.include('html');
      for (const part of ['What happened', 'What was not done', 'What to do next', code])
        expect(told.text, code).to.include(part);
      const [word = ''] = remedy.match(/\w{5,}/) ?? [];
      expect(told.text, code).to.include(word);
      const asJson = await app.ask<object>('GET', `/refusals/${code}`);
      expect(asJson.body).to.include({ code, message, remedy });
      expect(asJson.body).to.have.property('notDone').that.is.a('string');
    }
    const { status, body: none } = await app.ask('GET', '/refusals/no-such-refusal');
    expect([status, none.code]).to.deep.equal([404, 'refusal-unknown']);
  });

  it('say of every refusal that may succeed later so by its status too, and of no other', async () => {
    const { body } = await app.ask<{
      rows: { code: string; status: number; message: string; retryable: boolean }[];
    }>('GET', '/refusals');
    const statuses = (isRetryable: boolean) =>
      new Set(body.rows.filter(({ retryable }) => retryable === isRetryable).map(({ status }) => status));
    // 409 of what passes by itself: the same request still runs, the time for it has not come, or a race was lost
    expect([...statuses(true)].sort()).to.deep.equal([408, 409, 429, 503]);
    for (const status of [408, 425, 429]) expect(statuses(false)).not.to.include(status);
    const stays = body.rows.filter(({ status, retryable }) => status === 503 && !retryable);
    expect(
      stays.map(({ code }) => code),
      'somebody must look at the clock',
    ).to.deep.equal(['clock-doubtful']);
    const early =
      /^(?:act-not|consent-not|card-not|officer-not|recorder-not)-yet-|-too-(?:early|soon)$|^wait-not-over$|^sales-not-open$/;
    for (const row of body.rows.filter(({ code }) => early.test(code)))
      expect(row, row.code).to.include({ status: 409, retryable: true });
    const passing = /^(?:files-waiting|jobs-too-many|person-already-known)$/;
    const waiting = body.rows.filter(({ code }) => passing.test(code));
    const told = waiting.map(({ code, status, retryable }) => [code, [status, retryable]]);
    expect(Object.fromEntries(told)).to.deep.equal({
      'files-waiting': [503, true],
      'jobs-too-many': [429, true],
      'person-already-known': [409, true],
    });
  });

  it('lead a reader from any refusal to its rule and back', async () => {
    const html = { headers: { Accept: 'text/html' } };
    const read = async (place: string) => (await app.ask<string>('GET', place, html)).text;
    expect(await read('/refusals')).to.include('href="/refusals/act-blocked"');
    expect(await read('/refusals/act-blocked')).to.include('href="/rules/L4"');
    const rules = await read('/rules');
    expect(rules).to.include('<h2 id="L4">').and.to.include('href="/refusals/act-blocked"');
  });

  it('are read on the command line too: one refusal, its rule, and all of them, by whoever has no token', () => {
    const said = (...args: string[]) => kudurru(['find', ...args, '--gateway', app.url]);
    const { message, remedy, rule } = refusals['act-blocked'];
    const one = said('refusals', 'act-blocked').stdout;
    expect(one.startsWith(`act-blocked: ${message}\n`), one).to.equal(true);
    expect(one).to.include(remedy);
    expect(one).to.match(/\n {2}(?:It was not|Nothing was)/);
    expect(one).to.include(`by rule ${rule}: \`find rules ${rule}\``);
    expect(said('rules', String(rule)).stdout).to.match(
      /^\S+ \(register\): .*\n {2}refused as .*act-blocked/,
    );
    const all = said('refusals').stdout;
    for (const code of Object.keys(refusals)) expect(all, code).to.include(`\n${code}: `.slice(1));
    const unknown = said('refusals', 'no-such-thing');
    expect([unknown.code, unknown.stderr.includes('refusal-unknown')]).to.deep.equal([1, true]);
  });

  it('have every rule that a refusal names, by itself, for a person and for a program', async () => {
    const { body } = await app.ask<{ rows: { code: string; rule?: string }[] }>('GET', '/refusals');
    const cited = new Map(
      body.rows.flatMap(({ code, rule }) => (rule === undefined ? [] : [[rule, code] as const])),
    );
    expect(cited.size).to.be.greaterThan(40);
    for (const [rule, code] of cited) {
      const place = `/rules/${encodeURIComponent(rule)}`;
      const told = await app.ask<{ says: string; refusals: string[] }>('GET', place);
      expect(told.status, `${rule} of ${code}`).to.equal(200);
      expect(told.body.refusals, rule).to.include(code);
      const read = await app.ask<string>('GET', place, { headers: { Accept: 'text/html' } });
      expect(read.text, rule).to.include(`href="/refusals/${code}"`);
    }
    const { status, body: none } = await app.ask('GET', '/rules/no-such-rule');
    expect([status, none.code]).to.deep.equal([404, 'rule-unknown']);
  });

  it('answer a browser that is refused with a page, whatever it asked for', async () => {
    for (const [place, status, code] of [
      ['/rules/no-such-rule', 404, 'rule-unknown'],
      ['/refusals/no-such-refusal', 404, 'refusal-unknown'],
      ['/titles', 401, 'token-required'],
      [`/nothing/${MARKED}`, 404, 'route-missing'],
      [`/?${MARKED}=1`, 422, 'validation-failed'],
    ] as const) {
      const told = await app.ask<string>('GET', place, { headers: { Accept: 'text/html,*/*' } });
      expect([told.status, told.headers.get('Content-Type')], place).to.deep.equal([
        status,
        'text/html; charset=utf-8',
      ]);
      expect(told.text, place).to.include(code).and.to.include('What to do next');
      if (place.startsWith('/nothing')) expect(told.text).not.to.include(MARKED);
    }
  });

  it('tell every rule with the refusals that say it', async () => {
    const { body } = await app.ask<{ rows: { id: string; refusals: string[]; statute: string }[] }>(
      'GET',
      '/rules',
    );
    const rule = body.rows.find(({ id }) => id === 'L4');
    expect(rule?.refusals).to.include('act-blocked');
    expect(rule?.statute).to.equal('');
  });

  it('do not spend the one-time link by being looked at', async () => {
    const { status } = await app.ask<string>('GET', '/enrol');
    expect(status).to.equal(200);
    const { asked } = runEnrol('#a-link-nobody-clicked', app.url);
    expect(asked).to.deep.equal([]);
  });

  it('say why a link that was used before gives no token', async () => {
    const { click, elements } = runEnrol(`#${'x'.repeat(43)}`, app.url);
    await click();
    expect(elements.outcome.textContent).to.include('link');
    expect(elements.token.hidden).to.equal(true);
    expect(elements.token.textContent).to.equal('');
  });
});

/** The script of the page in a browser of three elements, speaking to the real gateway. */
function runEnrol(hash: string, url: string) {
  const element = () => ({ textContent: '', hidden: true, disabled: false });
  const elements = { use: element(), outcome: element(), token: element() };
  const asked: string[] = [];
  let onClick: (() => Promise<void>) | undefined;
  const listening = Object.assign(elements.use, {
    addEventListener: (_: string, then: () => Promise<void>) => {
      onClick = then;
    },
  });
  vm.runInNewContext(readFileSync(ENROL, 'utf8'), {
    location: { hash },
    history: { replaceState: () => undefined },
    document: {
      getElementById: (id: string) => ({ ...elements, use: listening })[id as keyof typeof elements],
    },
    fetch: (place: string, order: RequestInit) => {
      asked.push(place);
      return fetch(`${url}${place}`, order);
    },
  });
  return { asked, elements, click: async () => onClick?.() };
}
