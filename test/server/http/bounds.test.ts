/** Requests made from the API's own description, at and beyond the bounds of every field: answered, never with a 500. */

import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import type { Role } from '../../../server/http/route.ts';
import { Aid } from '../../aid/aid.ts';
import { type ActTold, type App, headOf, OFFICERS, startApp } from '../../gateway/app.ts';
import { type Api, type Json, madeOf, type Schema } from '../../gateway/generated.ts';

/** At and beyond bounds that software has: of numbers, of hex, of text, of paths. */
const EDGES: readonly Json[] = [
  ...['', ' ', '0', '-1', '0x', '0x0', '0xzz', '1e9', '18446744073709551616', '9'.repeat(38), '9'.repeat(39)],
  ...[`0x${'ff'.repeat(32)}`, `0x${'00'.repeat(32)}`, `0x${'ff'.repeat(4096)}`, 'x'.repeat(300)],
  ...[
    '../..',
    'a/b/c',
    '/',
    '0',
    '1/2',
    '\u202e',
    '\u0000',
    'é',
    '名',
    '\ud800\udc00',
    'constructor',
    '__proto__',
  ],
  ...[0, 1, -1, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40, 2 ** 53 - 1, 0.5],
  ...[null, true, [], {}, [[]], [null]],
];
const MANY = 1_500;
/** The id of a sole holding: its right has the first. */
const HOLDING = 2;
/** The most of one act, with more holders than a signer reads, and with as many as it does. */
const TITLES = 50;
const HOLDERS = [60, 30];
const REPAIRS_MAX = 12;
/** Each route's requests, so that none is left out for another. */
const REQUESTS_MIN = 2_000;
/** Pointers of refusals that were followed into the body, so that some rule's are among them. */
const POINTERS_MIN = 2_000;
/** Of a token, within its rate a minute. */
const REQUESTS_OF_TOKEN = 3_000;
/** Of an address that has no token, within its rate a minute. */
const REQUESTS_OF_ADDRESS = 50;
const LARGE_TEXT = 15 * 2 ** 20;

describe('requests at the bounds of every field', function () {
  this.timeout(600_000);
  let app: App;
  let api: Api;
  let aid: Aid | undefined;
  /** A unit with a title, and one that has none yet. */
  let registered: string | undefined;
  let surveyed: string | undefined;
  let units: readonly string[] = [];
  before(async () => {
    app = await startApp();
    const token = await app.token('registrar', 1);
    const file = { text: demoParcels({ count: 1 + TITLES }), type: 'application/geo+json' };
    const { body } = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      token,
      file,
    });
    units = body.recorded.map(({ baUnit }) => baUnit);
    [registered, surveyed] = units;
    await app.act('registrar', '/acts/registrations', { titles: [titleOf(registered)] });
    aid = new Aid(app, 'bounds', ['shop']);
    await aid.act('/acts/programmes', aid.policy());
    await aid.fund('1000000');
    for (const vendor of aid.vendors) await aid.registerShop(vendor);
    api = (await app.ask<Api>('GET', '/openapi.json')).body;
  });
  after(() => app.remove());

  /** What the ledger knows, by the name of the field that asks for it: so a request goes as far as its rules. */
  const known = (place: string): Json | undefined => {
    if (place.endsWith('/head')) return headOf(OFFICERS.preparer);
    if (/\/titles\/\d+\/baUnit$/.test(place)) return surveyed;
    if (place.endsWith('/holdingId')) return HOLDING;
    const [, name] = /\/(\w+?)s?(?:\/\d+)?$/.exec(place) ?? [];
    return { baUnit: registered, programme: aid?.programme, vendor: aid?.vendors[0] }[name ?? ''];
  };

  const make = (schema: Schema, place: string, choice: (place: string) => number) =>
    madeOf(api, known, schema, place, choice);

  /** Every value that differs from this one in one place. */
  function* edgesOf(value: Json): Generator<Json> {
    yield* EDGES;
    if (Array.isArray(value)) {
      yield [...value, ...value];
      yield Array.from({ length: MANY }, () => value[0] ?? null);
      for (const [i, item] of value.entries())
        for (const edge of edgesOf(item)) yield value.toSpliced(i, 1, edge);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, field] of Object.entries(value)) {
        yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
        for (const edge of edgesOf(field)) yield Object.assign({}, value, { [name]: edge });
      }
    }
  }

  async function sent(
    method: string,
    path: string,
    token: string | undefined,
    body: Json | undefined,
    file: string | undefined,
    address: string,
  ): Promise<{ status: number; pointers: readonly string[]; code: string }> {
    const told = await app.ask<{ code?: string; errors?: { pointer?: string }[] }>(
      method.toUpperCase(),
      path,
      {
        token,
        ...(body === undefined ? {} : { body }),
        ...(file === undefined ? {} : { file: { text: JSON.stringify(body ?? {}), type: file } }),
        headers: { 'X-Case-Reference': 'CASE-1', 'X-Forwarded-For': address },
      },
    );
    const pointers = told.body.errors?.flatMap(({ pointer }) => pointer ?? []) ?? [];
    return { status: told.status, pointers, code: told.body.code ?? '' };
  }

  it('get a refusal or an answer, whoever asks', async () => {
    let tried = 0;
    const wrong: string[] = [];
    let pointed = 0;
    /** Refusals that point at what the caller did not write. */
    const astray = new Set<string>();
    const statuses = new Map<number, number>();
    /** Another token before the rate of one is used up. */
    const ask = async (
      method: string,
      path: string,
      role: string | undefined,
      body?: Json,
      file?: string,
    ) => {
      const name = `bounds ${Math.floor(tried / REQUESTS_OF_TOKEN)}`;
      const token = role === undefined ? undefined : await app.token(role as Role, 1, name);
      // Who has no token has the rate of an address, which a proxy on this machine names.
      const group = Math.floor(tried / REQUESTS_OF_ADDRESS);
      const answer = await sent(method, path, token, body, file, `198.18.${group >> 8}.${group & 255}`);
      tried++;
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      for (const pointer of answer.pointers) {
        if (body === undefined || file !== undefined || /^\/(?:query|path|header)\b/.test(pointer)) continue;
        pointed++;
        if (!isIn(body, pointer, answer.code === 'validation-failed'))
          astray.add(`${method} ${path.slice(0, 60)} ${answer.code} ${pointer}`);
      }
      if (answer.status === 500)
        wrong.push(`${method} ${path.slice(0, 80)} ${JSON.stringify(body)?.slice(0, 160)}`);
      return answer;
    };
    const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    for (const { path, method, operation } of operations) {
      if (path === '/tokens/{id}' || path === '/enrolments') continue; // the tokens of this very test
      const [role] = operation['x-roles'];
      const choices = new Map<string, number>();
      const choice = (place: string) => choices.get(place) ?? 0;
      const parameters = operation.parameters ?? [];
      const inPath = parameters.filter((parameter) => parameter.in === 'path');
      const inQuery = parameters.filter((parameter) => parameter.in === 'query');
      const [media, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
      const file = media === 'application/json' ? undefined : media;
      const placeOf = (values: Readonly<Record<string, Json>>) => {
        const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) =>
          encodeURIComponent(String(values[`path/${name}`])),
        );
        const query = inQuery.flatMap(({ name }) => {
          const value = values[`query/${name}`];
          return value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`];
        });
        return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
      };
      const build = () => ({
        values: Object.fromEntries(
          [...inPath, ...inQuery].map(({ name, in: where, schema }) => [
            `${where}/${name}`,
            make(schema, `/${where}/${name}`, choice),
          ]),
        ),
        body: content === undefined ? undefined : file === undefined ? make(content.schema, '', choice) : {},
      });
      // Where a shape is told by words alone, the next text is tried until the route takes it.
      let base = build();
      for (let i = 0; i < REPAIRS_MAX; i++) {
        const { code, pointers } = await ask(method, placeOf(base.values), role, base.body, file);
        if (code !== 'validation-failed') break;
        for (const pointer of new Set(pointers)) choices.set(pointer, choice(pointer) + 1);
        base = build();
      }
      for (const name of Object.keys(base.values)) {
        for (const edge of EDGES) {
          if (edge === '/' || edge === '') continue;
          await ask(method, placeOf(Object.assign({}, base.values, { [name]: edge })), role, base.body, file);
        }
      }
      if (base.body === undefined || file !== undefined) continue;
      for (const body of edgesOf(base.body)) await ask(method, placeOf(base.values), role, body);
    }
    for (const path of ['/acts/%E0%A4%A', '/ba-units/%ff', '//', '/acts//signatures', '/acts/../acts']) {
      await ask('get', path, 'registrar');
    }
    await ask('post', '/acts/registrations', 'registrar', { text: 'x'.repeat(LARGE_TEXT) });
    for (const holders of HOLDERS) {
      const most = {
        head: headOf(OFFICERS.preparer),
        titles: units.slice(1).map((unit) => titleOf(unit, holders)),
      };
      const token = await app.token('registrar', 1, 'most');
      const { status, body: act } = await app.ask<ActTold>('POST', '/acts/registrations', {
        token,
        body: most,
      });
      const signed = app.sign('registrar', act, [OFFICERS.preparer, OFFICERS.approver]);
      const end =
        status === 201
          ? await signed.then(
              () => '202',
              ({ message }: Error) => message,
            )
          : `${status}`;
      expect(end, `${TITLES * holders} holders in one act`).to.match(/^202|^422|answered 422/);
    }
    const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} of ${status}`);
    console.log(
      `bounds of every field | ${operations.length} operations | ${tried} tried | ${wrong.length} of 500`,
    );
    console.log(`  ${counts.join(', ')}`);
    expect(wrong).to.deep.equal([]);
    expect([...astray], 'pointers into something else than the body').to.deep.equal([]);
    expect(pointed, 'no refusal pointed anywhere').to.be.greaterThan(POINTERS_MIN);
    expect(statuses.get(429) ?? 0, 'a limit answered for the route').to.equal(0);
    expect(tried).to.be.greaterThan(REQUESTS_MIN);
    expect(statuses.get(201) ?? 0, 'none of the requests was in shape').to.be.greaterThan(0);
  });
});

/** Whether a JSON pointer leads to something that is in the body or, where that may be, is lacking in an object of it. */
function isIn(body: Json, pointer: string, mayLack: boolean): boolean {
  let at: Json | undefined = body;
  const steps = pointer === '/' ? [] : pointer.split('/').slice(1);
  return steps.every((step, i) => {
    if (typeof at !== 'object' || at === null) return false;
    const parent = at;
    at = Array.isArray(parent)
      ? parent[Number(step)]
      : Object.hasOwn(parent, step)
        ? parent[step]
        : undefined;
    return at !== undefined || (mayLack && i === steps.length - 1 && !Array.isArray(parent));
  });
}

function titleOf(baUnit: string | undefined, holders = 1) {
  const holderOf = () => ({
    ...{ numerator: '1', partyKind: 'person', signer: 'own' },
    ...{ keyHash: ZERO_32, party: { name: 'Synthetic Person' } },
  });
  const tenancy = holders === 1 ? 'sole' : 'common';
  return {
    ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
    right: {
      ...{ kind: 'ownership', standing: 'absolute', tenancy, denominator: String(holders) },
      holders: Array.from({ length: holders }, holderOf),
    },
  };
}
