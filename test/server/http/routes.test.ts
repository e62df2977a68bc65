/**
 * Every route as the API's own description has it: what it does not know is refused, the headers it needs are
 * described, and a method that its path does not take is answered with those it does.
 */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { cursorOf } from '../../../server/domain/base/cursor.ts';
import type { Role } from '../../../server/http/route.ts';
import { type App, startApp } from '../../gateway/app.ts';
import type { Api, Schema } from '../../gateway/generated.ts';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'] as const;
/** What a parameter of a path may be: the first that its route does not refuse there is kept. */
const PARAMETERS = [
  `0x${'11'.repeat(32)}`,
  '6f1d1fae-6a3c-4f0f-9d3e-0a3f2f1f7c11',
  '1',
  '1111111111111111',
  'name',
  `0x${'11'.repeat(20)}`,
];
/** Two parameters of a path, each as often as there are candidates. */
const TRIES_MAX = 2 * PARAMETERS.length;
/** Fewer, and the description was not read. */
const ROUTES_MIN = 40;

interface Operation {
  readonly 'x-roles': readonly Role[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: { readonly enum?: readonly unknown[]; readonly pattern?: string };
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses?: Readonly<
    Record<
      string,
      {
        readonly content?: Readonly<
          Record<
            string,
            {
              readonly schema?: {
                readonly properties?: Readonly<Record<string, { readonly type?: string }>>;
              };
            }
          >
        >;
      }
    >
  >;
}

/** How fields that are moments are named. */
const MOMENT = /(?:At|Until|On|From|^from|^to|^at|^until|[dD]eadline)$/;
/** Names of moments until which something lasts. */
const ENDS = /^(?:deadline|until|to|closesAt|endsAt|expiresOn|\w+Until)$/;
/** A number that stands in what a key signs. */
const SIGNED: ReadonlySet<string> = new Set(['deadline']);

interface Detailed {
  readonly code?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly detail?: string }[];
}

interface Route {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

describe('every route of the API', function () {
  this.timeout(300_000);
  let app: App;
  let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  let routes: readonly Route[];
  before(async () => {
    app = await startApp();
    ({
      body: { paths },
    } = await app.ask<{ paths: typeof paths }>('GET', '/openapi.json'));
    routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        operation,
      })),
    );
    expect(routes.length).to.be.greaterThan(ROUTES_MIN);
  });
  after(() => app.remove());

  const filled = (path: string, operation?: Operation, places: ReadonlyMap<string, number> = new Map()) =>
    path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const [known] = operation?.parameters?.find((one) => one.name === name)?.schema?.enum ?? [];
      return String(known ?? PARAMETERS[places.get(name) ?? 0] ?? '');
    });

  /** Every object of every answer, as the API describes it. */
  async function answered() {
    const { body: api } = await app.ask<Api>('GET', '/openapi.json');
    const found = new Map<
      string,
      { place: string; names: string[]; properties: Readonly<Record<string, Schema>> }
    >();
    const walk = (schema: Schema, place: string): void => {
      const name = schema.$ref?.split('/').at(-1);
      const named = name === undefined ? undefined : api.components.schemas[name];
      if (name !== undefined && named !== undefined && !found.has(name)) walk(named, name);
      const { properties = {} } = schema;
      if (!found.has(place)) found.set(place, { place, names: Object.keys(properties), properties });
      for (const [property, inner] of Object.entries(properties)) walk(inner, `${place}/${property}`);
      const inner = [schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
      for (const [at, one] of inner.entries()) if (one !== undefined) walk(one, `${place}/${at}`);
    };
    for (const { method, path, operation } of routes)
      for (const [status, { content }] of Object.entries(operation.responses ?? {}))
        for (const { schema } of Object.values(content ?? {}))
          if (schema !== undefined) walk(schema, `${method} ${path} ${status}`);
    return found.values();
  }

  /** In the shape of its route but for what is added to the query and, where one is, the header left out. */
  async function ask({ path, method, operation }: Route, added: string, left?: string) {
    const [role] = operation['x-roles'];
    const token = role === undefined ? undefined : await app.token(role, 1);
    const [type] = Object.keys(operation.requestBody?.content ?? {});
    const headers = { 'Idempotency-Key': randomUUID(), 'X-Case-Reference': 'CASE-1' };
    const needed = (operation.parameters ?? []).filter((one) => one.in === 'query' && one.required);
    const query = needed.map(({ name, schema }) => `${name}=${schema?.enum?.[0] ?? 1}`);
    const asked = [...query, ...(added === '' ? [] : [added])].join('&');
    const places = new Map<string, number>();
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const answer = await fetch(`${app.url}${filled(path, operation, places)}?${asked}`, {
        method,
        headers: {
          ...Object.fromEntries(Object.entries(headers).filter(([name]) => name !== left)),
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          ...(type === undefined ? {} : { 'Content-Type': type }),
        },
        ...(type === undefined ? {} : { body: '{}' }),
      });
      const text = await answer.text();
      const isProblem = answer.headers.get('Content-Type')?.includes('problem') ?? false;
      const problem = isProblem ? (JSON.parse(text) as Detailed) : undefined;
      const pointers = (problem?.errors ?? []).map(({ pointer }) => pointer);
      const wrong = pointers.flatMap((pointer) => /^\/path\/(\w+)/.exec(pointer ?? '')?.[1] ?? []);
      const details = (problem?.errors ?? []).map(({ detail = '' }) => detail);
      if (wrong.length === 0) return { status: answer.status, code: problem?.code ?? '', pointers, details };
      for (const name of wrong) places.set(name, (places.get(name) ?? 0) + 1);
    }
    throw new Error(`no parameters fit ${path}`);
  }

  it('refuses a query that it does not know, and says which and what it knows', async () => {
    const silent: string[] = [];
    for (const route of routes) {
      const { status, pointers, details } = await ask(route, 'nobody-knows-this=1&Ein+Name%3B=2');
      const known = (route.operation.parameters ?? []).filter(({ in: where }) => where === 'query');
      const [said = ''] = details;
      const isNamed = ['nobody-knows-this', ...known.map(({ name }) => name)].every((name) =>
        said.includes(name),
      );
      if (status !== 422 || !pointers.includes('/query') || !isNamed || said.includes('Ein'))
        silent.push(`${route.method} ${route.path} ${status} ${said}`);
    }
    console.log(`      unknown queries | ${routes.length} routes | ${silent.length} passed over`);
    expect(silent).to.deep.equal([]);
  });

  it('says of each parameter how it is written where it is written otherwise', async () => {
    const untold: string[] = [];
    let tried = 0;
    for (const route of routes) {
      for (const { name, in: where, schema, required } of route.operation.parameters ?? []) {
        if (where !== 'query' || required === true || schema?.enum !== undefined) continue;
        const { status, pointers, details } = await ask(route, `${name}=%21%21`);
        if (status !== 422 || !pointers.includes(`/query/${name}`)) continue; // any text at all is one
        tried++;
        const said = details[pointers.indexOf(`/query/${name}`)] ?? '';
        if (!/it is (?:not .+, such as \S|none of: )/.test(said) && !said.includes('names nothing'))
          untold.push(`${route.method} ${route.path} ${name}: ${said}`);
      }
    }
    expect(untold).to.deep.equal([]);
    expect(tried).to.be.greaterThan(60);
  });

  it('answers a list as rows with their count, under one word everywhere', () => {
    const otherwise: string[] = [];
    let lists = 0;
    for (const { path, method, operation } of routes) {
      if (method !== 'GET' || path === '/openapi.json') continue;
      const [{ schema } = { schema: undefined }] = Object.values(operation.responses?.['200']?.content ?? {});
      const fields = Object.keys(schema?.properties ?? {});
      const isPaged = (operation.parameters ?? []).some(({ name }) => name === 'after');
      const isList = isPaged || fields.includes('rows') || fields.includes('total');
      lists += Number(isList);
      const isOne =
        fields.includes('rows') && fields.includes('total') && (!isPaged || fields.includes('next'));
      const alone = fields.length === 1 && schema?.properties?.[fields[0] ?? '']?.type === 'array';
      if ((isList && !isOne) || alone) otherwise.push(`${path}: ${fields.join()}`);
    }
    expect(otherwise).to.deep.equal([]);
    expect(lists).to.be.greaterThan(25);
  });

  it('writes an amount of money as people do beside its minor units, with its currency', async () => {
    const bare: string[] = [];
    let amounts = 0;
    for (const { place, names } of await answered()) {
      const minor = names.filter((name) => name.endsWith('Minor'));
      amounts += minor.length;
      bare.push(
        ...minor
          .filter((name) => !names.includes(name.replace(/Minor$/, '')))
          .map((name) => `${place}/${name}`),
      );
    }
    expect(bare).to.deep.equal([]);
    expect(amounts).to.be.greaterThan(15);
  });

  it('writes a moment as people do, but for what a key signs', async () => {
    const bare: string[] = [];
    let moments = 0;
    for (const { place, names, properties } of await answered())
      for (const name of names.filter((one) => MOMENT.test(one))) {
        if (SIGNED.has(name) || properties[name]?.type !== 'string') continue;
        moments++;
        if (properties[name]?.format !== 'date-time') bare.push(`${place}/${name}`);
      }
    expect(bare).to.deep.equal([]);
    expect(moments).to.be.greaterThan(30);
  });

  it('says of each date that is asked for which second of a day it means, as its name does', async () => {
    const { paths, components } = (await app.ask<Api>('GET', '/openapi.json')).body;
    const dates: (readonly [name: string, words: string])[] = [];
    const visit = (part: unknown, name: string): void => {
      if (typeof part !== 'object' || part === null) return;
      const { description, properties } = part as { description?: unknown; properties?: object };
      if (typeof description === 'string' && description.startsWith('A day')) dates.push([name, description]);
      for (const [field, of] of Object.entries(properties ?? {})) visit(of, field);
      for (const of of Object.values(part)) if (of !== properties) visit(of, name);
    };
    for (const methods of Object.values(paths)) {
      for (const { parameters = [], requestBody } of Object.values(methods)) {
        for (const { in: where, name, schema } of parameters)
          visit(schema, where === 'query' ? `?${name}` : name);
        visit(requestBody, '');
      }
    }
    visit(components.schemas.Proposal, '');
    const lasts = (name: string) =>
      name.startsWith('?') || ENDS.test(name) ? 'to its last' : 'from its first';
    expect(dates.filter(([name, words]) => !words.includes(lasts(name)))).to.deep.equal([]);
    expect(dates.length).to.be.greaterThan(40);
  });

  it('goes on from no cursor that its list never answered', async () => {
    const lists = routes.filter(({ operation }) =>
      operation.parameters?.some(({ name }) => name === 'after'),
    );
    const [begun, refused]: string[][] = [[], []];
    for (const list of lists) {
      const made = ['-1', '1e3', '90071992547409931', '../..'].map((place) => cursorOf(place));
      for (const after of made) {
        const told = await ask(list, `after=${after}`);
        if (told.status === 200 || told.status >= 500) begun?.push(`${list.path} ${after}`);
      }
      const { status, code, pointers } = await ask(list, 'after=0');
      if (status === 200) begun?.push(list.path);
      if (code === 'cursor-unknown' && pointers.includes('/query/after')) refused?.push(list.path);
    }
    expect(begun, 'begun anew').to.deep.equal([]);
    expect(refused?.length).to.be.greaterThan(5);
  });

  it('answers who has a token for that one alone: nothing of it is kept on the way, or told by a hash', async () => {
    const kept: string[] = [];
    let answered = 0;
    for (const { path, method, operation } of routes) {
      const [role] = operation['x-roles'];
      if (method !== 'GET' || role === undefined) continue;
      const token = await app.token(role, 1);
      const needed = (operation.parameters ?? []).filter((one) => one.in === 'query' && one.required);
      const query = needed.map(({ name, schema }) => `${name}=${schema?.enum?.[0] ?? 1}`).join('&');
      const place = `${filled(path, operation)}${query === '' ? '' : `?${query}`}`;
      const { status, headers } = await app.ask('GET', place, { token });
      answered += Number(status === 200);
      const isKept = status === 200 && headers.get('Cache-Control') !== 'no-store';
      if (isKept || headers.get('ETag') !== null) kept.push(`${path}: ${status}`);
    }
    expect(kept).to.deep.equal([]);
    expect(answered).to.be.greaterThan(10);
  });

  it('issues no administrator who seems bound to an institution or an office, for none is', async () => {
    const token = app.administrator();
    for (const [roles, institution, more] of [
      [['administrator'], 1, {}],
      [['administrator'], 0, { office: 1 }],
      [['administrator', 'registrar'], 1, {}],
    ] as const) {
      const body = { roles, institution, days: 1, ...more };
      const told = await app.ask('POST', '/tokens', { token, body });
      expect([told.status, told.body.code], JSON.stringify(body)).to.deep.equal([422, 'validation-failed']);
    }
  });

  it('describes keys of clients as it takes them', () => {
    const patterns = new Set(
      routes.flatMap(({ operation }) =>
        (operation.parameters ?? [])
          .filter(({ name }) => name === 'Idempotency-Key')
          .map(({ schema }) => schema?.pattern),
      ),
    );
    const [pattern = '', ...others] = patterns;
    expect(others).to.deep.equal([]);
    const key = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';
    const keys = [key, key.toUpperCase(), key.replace('4372', '0372'), key.replace(/\w/g, '0')];
    const taken = [...keys, key.replace(/\w/g, 'f'), `${key}0`].map((one) => new RegExp(pattern).test(one));
    expect(taken).to.deep.equal([true, true, false, false, false, false]);
  });

  it('describes the headers without which it refuses, and no other as needed', async () => {
    const untrue: string[] = [];
    for (const route of routes) {
      for (const [header, code] of [
        ['Idempotency-Key', 'idempotency-key-required'],
        ['X-Case-Reference', 'case-reference-required'],
      ] as const) {
        const described = route.operation.parameters?.find(
          ({ in: place, name }) => place === 'header' && name === header,
        );
        const isNeeded = described?.required === true;
        const { code: told } = await ask(route, '', header);
        if ((told === code) !== isNeeded) untrue.push(`${route.method} ${route.path}: ${header}, ${told}`);
      }
    }
    expect(untrue).to.deep.equal([]);
  });

  it('answers a method that its path does not take with those that it does', async () => {
    const untrue: string[] = [];
    let tried = 0;
    for (const [path, operations] of Object.entries(paths)) {
      const own = Object.keys(operations).map((method) => method.toUpperCase());
      const allowed = own.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).sort();
      for (const method of METHODS.filter((one) => !own.includes(one))) {
        tried++;
        const answer = await fetch(`${app.url}${filled(path)}`, { method });
        await answer.arrayBuffer();
        const told = (answer.headers.get('Allow') ?? '').split(', ').sort();
        if (answer.status !== 405 || told.join() !== allowed.join()) {
          untrue.push(`${method} ${path}: ${answer.status}, ${told.join()}`);
        }
      }
    }
    console.log(`      other methods | ${tried} tried | ${untrue.length} answered untruly`);
    expect(untrue).to.deep.equal([]);
  });
});
