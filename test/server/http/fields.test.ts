/**
 * Every bounded field, every body and every named programme of the API's own description: whoever passes a limit is told
 * it, and a programme is the caller's or does not exist.
 */
import { once } from 'node:events';
import http from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect } from 'chai';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import type { Role } from '../../../server/http/route.ts';
import { WORDS_OF } from '../../../server/http/wordsBehind.ts';
import { Aid } from '../../aid/aid.ts';
import { named } from '../../chain/signing.ts';
import { type App, headOf, OFFICERS, startApp } from '../../gateway/app.ts';
import {
  type Api,
  type Json,
  madeOf,
  type Operation,
  resolved,
  type Schema,
} from '../../gateway/generated.ts';
import { within } from '../../within.ts';

interface Told {
  readonly code?: string;
  readonly detail?: string;
  readonly retryable?: boolean;
  readonly errors?: readonly { readonly pointer?: string; readonly detail: string }[];
}
interface Bound {
  readonly place: string;
  readonly limit: number;
  readonly beyond: Json;
}

/** Fewer, and the description was not read. */
const LEAST = {
  bodies: 25,
  bounds: 250,
  lists: 60,
  programmes: 25,
  texts: 500,
  spellings: 150,
  objects: 100,
};
/** What JavaScript reads as a number, beside its digits. */
const OTHER_SPELLINGS = ['', ' 1', '1\u2028', '+1', '01', '1.0', '1e1', '0x1', '0b1', '1_0', 'true'] as const;
const UNDESCRIBED = 'remarksOfNobody';
/** A control, a change of direction, a mark without a shape, a break of lines, a private letter. */
const UNSEEN = ['\u0007', '\u202e', '\u200b', '\u2028', '\ue000'] as const;
const codeOf = (mark: string) => `U+${mark.codePointAt(0)?.toString(16)}`;
const REPAIRS_MAX = 12;
/** What stands there, a closed list, or a bound. */
const WHAT_BELONGS =
  /: (?:it is (?:not (?!written as)|none of: |missing: )\S|at (?:least|most) \d|it holds .*: \w|it names |it has )/;
const TIMEOUT_MS = 60_000;
const CHUNK_BYTES = 2 ** 20;

/** So many bytes, which no reader of any format minds. */
function* blanks(bytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(CHUNK_BYTES, ' ');
  for (let left = bytes; left > 0; left -= CHUNK_BYTES) yield chunk.subarray(0, left);
}

describe('whatever the API bounds or names', function () {
  this.timeout(300_000);
  let app: App;
  let api: Api;
  let own: Aid;
  let others: Aid;
  let operations: { method: string; path: string; operation: Operation }[];
  before(async () => {
    app = await startApp();
    api = (await app.ask<Api>('GET', '/openapi.json')).body;
    operations = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        operation,
      })),
    );
    own = new Aid(app, 'a programme of the caller');
    others = new Aid(app, 'a programme of another');
    await own.define();
    await others.define([OFFICERS.secondPreparer, OFFICERS.secondApprover]);
  });
  after(() => app?.remove());

  const bodyOf = ({ requestBody }: Operation): readonly [media: string, schema: Schema] | undefined => {
    const [[media, { schema }] = ['', { schema: undefined }]] = Object.entries(requestBody?.content ?? {});
    return schema === undefined ? undefined : [media, schema];
  };
  const tokenOf = (operation: Operation, institution = 1) => {
    const [role] = operation['x-roles'];
    return role === undefined ? undefined : app.token(role as Role, institution);
  };

  it('a body beyond its limit is told the limit of its route, and not to come again', async () => {
    const untrue: string[] = [];
    let tried = 0;
    for (const { method, path, operation } of operations) {
      const body = bodyOf(operation);
      if (body === undefined) continue;
      tried++;
      const limit = operation['x-max-body-bytes'] ?? 0;
      const token = await tokenOf(operation);
      const url = `${app.url}${path.replaceAll(/\{\w+\}/g, named('anything'))}`;
      const headers = { 'Content-Type': body[0] };
      const request = http.request(url, {
        method,
        headers: Object.assign(headers, token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      });
      const sent = pipeline(Readable.from(blanks(limit + 1)), request);
      const [answer] = (await within(TIMEOUT_MS, `${method} ${path}`, once(request, 'response'))) as [
        http.IncomingMessage,
      ];
      await sent;
      const told = JSON.parse((await answer.toArray()).join('')) as Told;
      const isTrue = told.code === 'body-too-large' && told.detail?.includes(` ${limit} bytes`);
      if (limit === 0 || answer.statusCode !== 413 || !isTrue || told.retryable !== false)
        untrue.push(`${method} ${path}: ${limit}, ${answer.statusCode} ${told.detail}`);
    }
    console.log(`      bodies too large | ${tried} routes | ${untrue.length} told another limit`);
    expect(untrue).to.deep.equal([]);
    expect(tried).to.be.greaterThan(LEAST.bodies);
  });

  /** One value beyond each bound of a shape, in its place. */
  function* boundsOf(given: Schema, place: string, value: Json, isOne = true): Generator<Bound> {
    const schema = resolved(api, given);
    for (const variant of schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []) {
      const { type } = resolved(api, variant);
      const isMeant = typeof value === (type === 'integer' ? 'number' : type) || type === 'object';
      if (isMeant && type !== 'array' && typeof value !== 'object')
        yield* boundsOf(variant, place, value, false);
    }
    const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
    // where JSON's whole numbers end, it is no limit of the route's
    if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER)
      yield { place, limit: maximum, beyond: maximum + 1 };
    if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER)
      yield { place, limit: minimum, beyond: minimum - 1 };
    if (maxLength !== undefined) yield { place, limit: maxLength, beyond: '1'.repeat(maxLength + 1) };
    // what is too short for one shape may be another
    if (minLength !== undefined && isOne)
      yield { place, limit: minLength, beyond: '1'.repeat(minLength - 1) };
    if (Array.isArray(value)) {
      const [first = null] = value;
      if (maxItems !== undefined)
        yield { place, limit: maxItems, beyond: Array.from({ length: maxItems + 1 }, () => first) };
      if (minItems !== undefined)
        yield { place, limit: minItems, beyond: Array.from({ length: minItems - 1 }, () => first) };
      if (schema.items !== undefined) yield* boundsOf(schema.items, `${place}/0`, first);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, field] of Object.entries(schema.properties ?? {}))
        yield* boundsOf(field, `${place}/${name}`, value[name] ?? null);
    }
  }

  const known = (place: string): Json | undefined => {
    if (place.endsWith('/head')) return headOf(OFFICERS.preparer);
    // Beside words there is no hash.
    if (Object.keys(WORDS_OF).some((hash) => place.endsWith(`/${hash}`))) return ZERO_32;
    return place.endsWith('/programme') ? own.programme : undefined;
  };

  /** A request in the shape of its operation, as far as its description tells it. */
  async function inShape(
    { method, path, operation }: (typeof operations)[number],
    told: (place: string) => Json | undefined,
    ask: (place: string, body: Json | undefined, media: string | undefined) => Promise<{ body: Told }>,
  ) {
    // a token's id is in no other shape
    const knownHere = (place: string) =>
      place === '/path/id' && path.startsWith('/tokens/') ? '1'.repeat(16) : told(place);
    const choices = new Map<string, number>();
    const choice = (place: string) => choices.get(place) ?? 0;
    const [media, schema] = bodyOf(operation) ?? [];
    const isFile = media !== undefined && media !== 'application/json';
    const parameters = (operation.parameters ?? []).filter(({ in: where }) => where !== 'header');
    for (let i = 0; ; i++) {
      const values = new Map(
        parameters.map((one) => {
          const place = `/${one.in}/${one.name}`;
          return [
            place,
            one.required ? madeOf(api, knownHere, one.schema, place, choice) : undefined,
          ] as const;
        }),
      );
      const body = schema === undefined || isFile ? undefined : madeOf(api, knownHere, schema, '', choice);
      const answer = await ask(placeOf(path, values), body, isFile ? media : undefined);
      const pointers = (answer.body.errors ?? []).map(({ pointer = '' }) => pointer);
      if (answer.body.code !== 'validation-failed' || i === REPAIRS_MAX)
        return { values, body, isFile, media, answer, what: `${method} ${path}` };
      for (const pointer of new Set(pointers)) choices.set(pointer, choice(pointer) + 1);
    }
  }

  function placeOf(path: string, values: ReadonlyMap<string, Json | undefined>): string {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) =>
      encodeURIComponent(String(values.get(`/path/${name}`))),
    );
    const query = [...values].flatMap(([place, value]) =>
      place.startsWith('/query/') && value !== undefined
        ? [`${place.slice('/query/'.length)}=${encodeURIComponent(String(value))}`]
        : [],
    );
    return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
  }

  /** The body with another value in one place. */
  function withValue(body: Json, [step, ...steps]: readonly string[], value: Json): Json {
    if (step === undefined) return value;
    if (Array.isArray(body))
      return body.with(Number(step), withValue(body[Number(step)] ?? null, steps, value));
    const fields = typeof body === 'object' && body !== null ? body : {};
    return Object.assign({}, fields, { [step]: withValue(fields[step] ?? null, steps, value) });
  }

  const asker =
    (method: string, token: string | undefined) =>
    (place: string, body: Json | undefined, media: string | undefined) =>
      app.ask<Told>(method, place, {
        token,
        ...(body === undefined ? {} : { body }),
        ...(media === undefined ? {} : { file: { text: '{}', type: media } }),
        headers: { 'X-Case-Reference': 'CASE-1' },
      });

  it('a field beyond its bound is told the bound, in its place', async () => {
    const untrue: string[] = [];
    let tried = 0;
    for (const operation of operations) {
      if (operation.path === '/enrolments') continue; // spends the link of this very test
      const ask = asker(operation.method, await tokenOf(operation.operation));
      const { values, body, media, isFile, what } = await inShape(operation, known, ask);
      const expectTold = (bound: Bound, { status, body: told, text }: Awaited<ReturnType<typeof ask>>) => {
        tried++;
        const error = told.errors?.find(({ pointer }) => pointer === bound.place);
        const isTold = status === 422 && error?.detail.includes(String(bound.limit));
        if (!isTold) untrue.push(`${what} ${bound.place} ${bound.limit}: ${status} ${error?.detail ?? text}`);
      };
      for (const { in: where, name, schema } of operation.operation.parameters ?? []) {
        if (where === 'header') continue;
        const place = `/${where}/${name}`;
        for (const bound of boundsOf(schema, place, values.get(place) ?? null)) {
          const changed = new Map(values).set(place, bound.beyond);
          if (String(bound.beyond) === '' && where === 'path') continue;
          expectTold(bound, await ask(placeOf(operation.path, changed), body, isFile ? media : undefined));
        }
      }
      const [, schema] = bodyOf(operation.operation) ?? [];
      if (body === undefined || schema === undefined) continue;
      for (const bound of boundsOf(schema, '', body)) {
        const changed = withValue(body, bound.place.split('/').slice(1), bound.beyond);
        expectTold(bound, await ask(placeOf(operation.path, values), changed, undefined));
      }
    }
    console.log(`      bounds passed | ${tried} tried | ${untrue.length} told nothing of the bound`);
    expect(untrue.map((one) => one.slice(0, 300))).to.deep.equal([]);
    expect(tried).to.be.greaterThan(LEAST.bounds);
  });

  /** Every text of a body, in its place. */
  function* textsOf(value: Json, place: string): Generator<readonly [place: string, text: string]> {
    if (typeof value === 'string') yield [place, value];
    else if (typeof value === 'object' && value !== null)
      for (const [name, part] of Object.entries(value)) yield* textsOf(part, `${place}/${name}`);
  }

  it('a unit worth more than an envelope can say is told the most it can', async () => {
    const body = {
      ...{
        head: headOf(OFFICERS.preparer),
        programme: own.programme,
        cycle: 1,
        root: named('a roll'),
        lane: 0,
      },
      ...{ unitValueMinor: String(2n ** 64n), opensAt: 1_900_000_000, spendUntil: 1_900_100_000 },
      postUntil: 1_900_100_000,
    };
    const ask = asker('POST', await app.token('agency', 1));
    const told = await ask('/acts/cycles', body, undefined);
    expect(told.body.errors).to.have.length(1);
    expect(told.body.errors?.[0]).to.include({ pointer: '/unitValueMinor' });
    expect(told.body.errors?.[0]?.detail).to.include('18446744073709551615');
  });

  it('a text with what nobody sees, or what a screen obeys, is refused in its place, whichever field it is', async () => {
    const taken: string[] = [];
    let tried = 0;
    for (const operation of operations) {
      const ask = asker(operation.method, await tokenOf(operation.operation));
      if (operation.path === '/enrolments') continue; // spends the link of this very test
      const { values, body, what } = await inShape(operation, known, ask);
      for (const { in: where, name } of operation.operation.parameters ?? []) {
        if (where !== 'query') continue;
        for (const mark of UNSEEN) {
          tried++;
          const changed = new Map(values).set(
            `/query/${name}`,
            `${values.get(`/query/${name}`) ?? '1'}${mark}`,
          );
          const { status, text } = await ask(
            placeOf(operation.path, changed),
            body,
            bodyOf(operation.operation)?.[0],
          );
          if (status < 400 || status >= 500)
            taken.push(`${what} ?${name} ${codeOf(mark)}: ${status} ${text}`);
        }
      }
      for (const [place, text] of body === undefined ? [] : textsOf(body, '')) {
        for (const mark of UNSEEN) {
          tried++;
          const changed = withValue(body ?? null, place.split('/').slice(1), `${text}${mark}${text}`);
          const {
            status,
            body: told,
            text: answer,
          } = await ask(placeOf(operation.path, values), changed, undefined);
          const isPlaced = told.errors?.some(
            ({ pointer }) => pointer !== undefined && place.startsWith(pointer),
          );
          if (status !== 422 || isPlaced !== true)
            taken.push(`${what} ${place} ${codeOf(mark)}: ${status} ${answer}`);
        }
      }
    }
    console.log(
      `      texts with what nobody sees | ${tried} tried | ${taken.length} taken, or told no place`,
    );
    expect(taken.map((one) => one.slice(0, 300))).to.deep.equal([]);
    expect(tried).to.be.greaterThan(LEAST.texts);
  });

  it('a number of a path or a query has one spelling', async () => {
    const taken: string[] = [];
    let tried = 0;
    for (const operation of operations) {
      const ask = asker(operation.method, await tokenOf(operation.operation));
      const { values, body, media, isFile, what } = await inShape(operation, known, ask);
      for (const { in: where, name, schema } of operation.operation.parameters ?? []) {
        if (where === 'header' || resolved(api, schema).type !== 'integer') continue;
        const place = `/${where}/${name}`;
        for (const spelt of OTHER_SPELLINGS) {
          if (where === 'path' && spelt === '') continue;
          tried++;
          const changed = new Map(values).set(place, spelt);
          const answer = await ask(placeOf(operation.path, changed), body, isFile ? media : undefined);
          const isTold = answer.body.errors?.some(({ pointer }) => pointer === place);
          if (answer.status !== 422 || isTold !== true)
            taken.push(`${what} ${place} ${JSON.stringify(spelt)}: ${answer.status} ${answer.text}`);
        }
      }
    }
    console.log(`      other spellings of a number | ${tried} tried | ${taken.length} taken`);
    expect(taken.map((one) => one.slice(0, 300))).to.deep.equal([]);
    expect(tried).to.be.greaterThan(LEAST.spellings);
  });

  /** Every closed list of a shape, in its place. */
  function* listsOf(
    given: Schema,
    place: string,
    value: Json,
  ): Generator<readonly [string, readonly Json[]]> {
    const schema = resolved(api, given);
    if (schema.enum !== undefined) yield [place, schema.enum];
    if (Array.isArray(value) && schema.items !== undefined)
      yield* listsOf(schema.items, `${place}/0`, value[0] ?? null);
    else if (typeof value === 'object' && value !== null)
      for (const [name, field] of Object.entries(schema.properties ?? {}))
        yield* listsOf(field, `${place}/${name}`, Array.isArray(value) ? null : (value[name] ?? null));
  }

  it('a field with a closed list is told the whole list, in its place', async () => {
    const untrue: string[] = [];
    let tried = 0;
    for (const operation of operations) {
      if (operation.path === '/enrolments') continue; // spends the link of this very test
      const ask = asker(operation.method, await tokenOf(operation.operation));
      const { values, body, media, isFile, what } = await inShape(operation, known, ask);
      const expectTold = async (
        place: string,
        list: readonly Json[],
        path: string,
        sent: Json | undefined,
      ) => {
        tried++;
        const { status, body: told, text } = await ask(path, sent, isFile ? media : undefined);
        const { detail = text } = told.errors?.find(({ pointer }) => pointer === place) ?? {};
        const isTold = status === 422 && list.every((one) => detail.includes(String(one)));
        if (!isTold) untrue.push(`${what} ${place}: ${status} ${detail}`);
      };
      for (const { in: where, name, schema } of operation.operation.parameters ?? []) {
        if (where === 'header') continue;
        const place = `/${where}/${name}`;
        for (const [at, list] of listsOf(schema, place, values.get(place) ?? null)) {
          const changed = new Map(values).set(place, 'no-such-value');
          await expectTold(at, list, placeOf(operation.path, changed), body);
        }
      }
      const [, schema] = bodyOf(operation.operation) ?? [];
      if (body === undefined || schema === undefined) continue;
      for (const [place, list] of listsOf(schema, '', body)) {
        const changed = withValue(body, place.split('/').slice(1), 'no-such-value');
        await expectTold(place, list, placeOf(operation.path, values), changed);
      }
    }
    console.log(`      closed lists missed | ${tried} tried | ${untrue.length} were not told the list`);
    expect(untrue.map((one) => one.slice(0, 300))).to.deep.equal([]);
    expect(tried).to.be.greaterThan(LEAST.lists);
  });

  /** Every place of a body, lists and objects too. */
  function* placesOf(value: Json, place: string): Generator<string> {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, part] of Object.entries(value)) {
      yield `${place}/${name}`;
      yield* placesOf(part, `${place}/${name}`);
    }
  }

  it('a field of another kind is told what belongs there, in its place, whichever field it is', async () => {
    const vague: string[] = [];
    let tried = 0;
    for (const operation of operations) {
      if (operation.path === '/enrolments') continue; // spends the link of this very test
      const ask = asker(operation.method, await tokenOf(operation.operation));
      const { values, body, isFile, what } = await inShape(operation, known, ask);
      if (body === undefined || isFile) continue;
      for (const place of placesOf(body, '')) {
        tried++;
        const changed = withValue(body, place.split('/').slice(1), [[]]);
        const { status, body: told } = await ask(placeOf(operation.path, values), changed, undefined);
        const errors = (told.errors ?? []).filter(({ pointer = '' }) => pointer.startsWith(place));
        const isTold = errors.length > 0 && errors.every(({ detail }) => WHAT_BELONGS.test(detail));
        if (status === 422 && !isTold) vague.push(`${what} ${place}: ${JSON.stringify(told.errors)}`);
      }
    }
    console.log(
      `      fields of another kind | ${tried} tried | ${vague.length} were not told what belongs there`,
    );
    expect(vague.map((one) => one.slice(0, 300))).to.deep.equal([]);
    expect(tried).to.be.greaterThan(LEAST.texts);
  });

  it('a field that the API does not describe is refused in its place, in whichever object it is', async () => {
    const takenIn: string[] = [];
    let tried = 0;
    for (const operation of operations) {
      if (operation.path === '/enrolments') continue; // spends the link of this very test
      const ask = asker(operation.method, await tokenOf(operation.operation));
      const { values, body, isFile, what } = await inShape(operation, known, ask);
      if (body === undefined || isFile) continue;
      for (const place of ['', ...placesOf(body, '')]) {
        const steps = place.split('/').slice(1);
        const object = steps.reduce<Json>((at, step) => Object(at)[step] ?? null, body);
        if (typeof object !== 'object' || object === null || Array.isArray(object)) continue;
        tried++;
        const changed = withValue(body, [...steps, UNDESCRIBED], 1);
        const { status, body: told, text } = await ask(placeOf(operation.path, values), changed, undefined);
        const isTold = told.errors?.some(
          ({ pointer = '', detail }) => pointer.startsWith(place) && detail.includes(UNDESCRIBED),
        );
        if (status !== 422 || isTold !== true) takenIn.push(`${what} ${place}: ${status} ${text}`);
      }
    }
    console.log(`      fields not described | ${tried} tried | ${takenIn.length} taken, or told no place`);
    expect(takenIn.map((one) => one.slice(0, 300))).to.deep.equal([]);
    expect(tried).to.be.greaterThan(LEAST.objects);
  });

  it('a programme that nobody has, or another has, is none of the caller’s, wherever it is named', async () => {
    const found: string[] = [];
    let tried = 0;
    for (const operation of operations) {
      const { method, path, operation: said } = operation;
      const [, schema] = bodyOf(said) ?? [];
      const inBody = schema !== undefined && 'programme' in (resolved(api, schema).properties ?? {});
      if (!(path.includes('{programme}') || inBody)) continue;
      // defining is how one comes to be; a till's sale is judged by the ledger, and skipped item by item
      if (path === '/acts/programmes' || path === '/redemptions') continue;
      for (const role of said['x-roles'].filter((one) => one === 'agency')) {
        const ask = asker(method, await app.token(role, 1));
        for (const programme of [named('nobody’s'), others.programme, own.programme]) {
          tried++;
          const told = (place: string) => (place.endsWith('/programme') ? programme : known(place));
          const { answer } = await inShape(operation, told, ask);
          const { code } = answer.body;
          const isUnknown = code === 'programme-unknown';
          if (isUnknown === (programme === own.programme) || code === 'validation-failed')
            found.push(
              `${method} ${path} ${programme === own.programme ? 'own' : 'other'}: ${answer.body.code}`,
            );
        }
      }
    }
    console.log(`      programmes named | ${tried} tried | ${found.length} answered untruly`);
    expect(found).to.deep.equal([]);
    expect(tried).to.be.greaterThan(LEAST.programmes);
  });
});
