/**
 * The examples of the API's own description, pasted where a demonstration was played: whoever reads is answered with what is
 * there, and whatever else is sent is in the shape its operation asks for, so that a rule answers and never the shape.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { stakedOut } from '../../../scripts/demo/split.ts';
import { demoParcels, demoRegistrations } from '../../../scripts/demoData.ts';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import { type RefusalCode, refusals } from '../../../server/domain/base/refusal.ts';
import type { RefusalKind } from '../../../server/domain/base/refusals/row.ts';
import { geoJsonOf } from '../../../server/domain/survey/geometry.ts';
import { readParcels } from '../../../server/domain/survey/parcels.ts';
import { NEEDED_FIRST } from '../../../server/http/neededFirst.ts';
import type { Role } from '../../../server/http/route.ts';
import type { App, Problem, TokenBinding } from '../../gateway/app.ts';
import { type Played, playDemo, type Reopened, reopenDemo } from '../../gateway/demo.ts';
import type { Api, Json, Schema } from '../../gateway/generated.ts';
import { collection, feature, square } from '../domain/survey/parcelFiles.ts';

type Exampled = Schema & { readonly examples?: readonly Json[]; readonly format?: string };
interface Operation {
  readonly description?: string;
  readonly 'x-roles': readonly Role[];
  /** Whose officers and objects the example names; absent where it names none. */
  readonly 'x-example-institution'?: number;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Exampled;
    readonly example?: Json;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Exampled; readonly example?: Json }>>;
  };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Exampled }>> }>
  >;
}
interface Described extends Omit<Api, 'paths'> {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** What the ledger lacks, or has otherwise: another ledger would have taken the same request. */
const ABOUT_STATE: readonly RefusalKind[] = ['missing', 'conflict', 'exhausted', 'gone'];
/** Invalid only for what there is: a link that was used, a key that is not this officer's, an officer of nobody. */
const INVALID_HERE: ReadonlySet<string> = new Set<RefusalCode>([
  ...(['link-not-valid', 'token-not-valid', 'reading-code-not-valid', 'replaced-parcel-missing'] as const),
]);
/** What is there, and told to whoever is of another institution that it is not. */
const OF_ANOTHER: ReadonlySet<string> = new Set<RefusalCode>([
  ...(['programme-unknown', 'vendor-unknown', 'ba-unit-missing', 'officer-unknown'] as const),
]);
/** Operations of which the demonstration has no object, or has it in another state, with what each is told then. */
const REFUSED_HERE: ReadonlySet<string> = new Set([
  'POST /enrolments link-not-valid',
  'POST /sessions token-not-valid',
  'POST /own-data/readings challenge-not-valid',
  'POST /own-data/acts challenge-not-valid',
  'POST /own-data/certificates challenge-not-valid',
  'POST /own-data/consents signature-not-by-key',
  'POST /acts/appointments key-not-possessed',
  'POST /acts/cards key-not-shown',
  'POST /acts/tills key-not-shown',
  'POST /own-data/code-readings reading-code-not-valid',
  'POST /acts/recorders recorder-key-not-shown',
  'DELETE /acts/{id} act-missing',
  'GET /acts/{id} act-missing',
  'POST /acts/withdrawals act-missing',
  'POST /acts/{id}/signatures act-missing',
  'DELETE /jobs/{id} job-missing',
  'GET /jobs/{id} job-missing',
  'GET /measures/{measureId} measure-missing',
  'POST /measures/{measureId}/execution measure-missing',
  'POST /measures/{measureId}/lapse measure-missing',
  'POST /measures/{measureId}/rescheduling measure-missing',
  'GET /operations/{id} operation-missing',
  'GET /institutions/{institution}/recorder recorder-unknown',
  'POST /acts/recorder-ends recorder-unknown',
  'POST /recorder/erasures recorder-unknown',
  'POST /recorder/roots recorder-unknown',
  'POST /acts/discharges restriction-missing',
  'POST /acts/cycles roll-missing',
  'GET /people/{personId} subject-missing',
  'GET /people/{personId}/access-log subject-missing',
  'POST /acts/enrolments subject-missing',
  'POST /people/{personId}/reading-codes subject-missing',
  'POST /erasures subject-missing',
  'POST /erasures/signatures erasure-missing',
  'POST /tokens/{id}/renewals token-missing',
  'GET /titles/{baUnit}/division ba-unit-not-dividing',
  'POST /acts/division-cancellations ba-unit-not-dividing',
  'POST /titles/{baUnit}/division ba-unit-not-dividing',
  'POST /acts/credit-releases credit-not-withheld',
  'PUT /programmes/{programme}/cycles/{cycle}/roll cycle-exists',
  'POST /acts/cycle-steps cycle-state-differs',
  'POST /redemptions cycle-state-differs',
  'POST /titles/{baUnit}/sweep nothing-to-sweep',
  'POST /acts/key-changes officer-epoch-stale',
  'POST /acts/officer-releases officer-not-suspended',
  'POST /acts/resumptions programme-not-paused',
  'POST /acts/pause-ends scope-not-paused',
  'POST /acts/settlements settlement-exceeds-credit',
]);
/** What only a key can make, and nobody writes beside a field. */
const OF_A_KEY: ReadonlySet<string> = new Set<RefusalCode>([
  ...(['challenge-not-valid', 'recorder-key-not-shown', 'key-not-possessed', 'key-not-shown'] as const),
  'signature-not-by-key',
]);
/** What cannot be written down as text. */
const BINARY = /zip|kmz|spreadsheetml|ms-excel|octet-stream/;
/** What nobody left there: an act under way, a job, a person's record, a measure, a profile. */
const ABSENT =
  /^\/(?:acts\/\{id\}|jobs|operations|people\/\{|measures\/|titles\/.*division|institutions\/.*recorder)/;

/** A title that parts are made of, as the first registration of it says. */
const ofCommonLand = (baUnit: string) => {
  const holder = { numerator: '1', partyKind: 'person', signer: 'none', keyHash: ZERO_32 };
  const holders = [Object.assign({ party: { name: 'Synthetic Holder' } }, holder)];
  const right = { kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1', holders };
  return { baUnit, origin: 'legacy', evidence: 'public-document', quotaTotal: '10', right };
};
/** Parcels of the demonstration that it leaves alone, and two of them that do not touch. */
const DIVIDED = 'Synthetic/11';
const JOINED = ['Synthetic/16', 'Synthetic/18'];
/** The description is made once a second. */
const DESCRIBED_ANEW_MS = 1_500;

/** Another request, where one was pasted already. */
const newKey = (headers: Readonly<Record<string, string>>) =>
  'Idempotency-Key' in headers ? { 'Idempotency-Key': randomUUID() } : {};

describe('the examples of the API', function () {
  this.timeout(180_000);
  let app: App;
  let api: Described;
  let played: Played | undefined;
  /** Paths whose examples were read. */
  const read = new Set<string>();
  before(async () => {
    const parcels = demoParcels({ count: 24 });
    played = playDemo({ parcels, registrations: demoRegistrations({ count: 30 }) });
    const reopened = await reopenDemo(played.folder);
    app = reopened.app;
    await survey(parcels, reopened.land);
    api = (await app.ask<Described>('GET', '/openapi.json')).body;
  });
  after(async () => {
    await app?.stop();
    if (played !== undefined) rmSync(played.folder, { recursive: true, force: true });
  });

  /** What the five acts that begin a title are about: a parcel on free ground, plots of another, and one of two others. */
  async function survey(parcels: string, land: Reopened['land']): Promise<void> {
    const read = readParcels(parcels).parcels;
    const named = (number: string) => read.filter((one) => one.number === number);
    const coordinates = JOINED.flatMap(named).flatMap(({ units }) =>
      units.map(({ polygon }) => geoJsonOf(polygon).coordinates),
    );
    const ofTwo = {
      ...{ type: 'Feature', properties: { number: 'Example/joined' } },
      geometry: { type: 'MultiPolygon', coordinates },
    };
    const [plots = ''] = named(DIVIDED).flatMap((parcel) => stakedOut(parcel)?.divided ?? []);
    const joined = JSON.stringify({ type: 'FeatureCollection', features: [ofTwo] });
    const first = (await app.ask<Described>('GET', '/openapi.json')).body;
    const file = first.paths['/parcels']?.put?.requestBody?.content['application/geo+json']?.example;
    const common = collection([feature('Example/common', [square(7, 7)])]);
    for (const [text, replaced] of [
      [common, []],
      [String(file), []],
      [plots, [DIVIDED]],
      [joined, JOINED],
    ] as const) {
      const query = replaced.map((number) => `&replacing=${encodeURIComponent(number)}`).join('');
      const told = await app.ask<{ recorded: readonly { readonly baUnit: string }[] }>(
        'PUT',
        `/parcels?office=1${query}`,
        {
          token: await app.token('registrar', 1, 'examples'),
          file: { text, type: 'application/geo+json' },
        },
      );
      expect(told.status, told.text).to.equal(200);
      const [{ baUnit } = expect.fail(told.text)] = told.body.recorded;
      if (text === common) await land.record('/acts/registrations', { titles: [ofCommonLand(baUnit)] });
    }
    await delay(DESCRIBED_ANEW_MS);
  }

  /** A till is of the vendor that the examples name. */
  function boundTo(role: Role): TokenBinding {
    const account = api.paths['/vendors/{vendor}/account']?.get;
    const vendor = account?.parameters?.find(({ name }) => name === 'vendor')?.example;
    return role === 'vendor' && typeof vendor === 'string' ? { vendor } : {};
  }

  const operations = () =>
    Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        operation,
      })),
    );

  /** Fields below a shape that have no value beside them. */
  function* lacking(schema: Exampled | undefined, place: string): Generator<string> {
    if (typeof schema !== 'object' || schema.$ref !== undefined || schema.format === 'binary') return;
    for (const variant of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) yield* lacking(variant, place);
    for (const [name, field] of Object.entries(schema.properties ?? {}))
      yield* lacking(field, `${place}/${name}`);
    if (schema.items !== undefined) yield* lacking(schema.items, `${place}/0`);
    const isLeaf = schema.type !== undefined && schema.type !== 'object' && schema.type !== 'array';
    if (isLeaf && schema.examples === undefined) yield place;
  }

  it('stand beside every field of every request and answer', () => {
    const without: string[] = [];
    for (const { path, method, operation } of operations()) {
      const called = `${method} ${path}`;
      for (const { name, schema } of operation.parameters ?? [])
        without.push(...lacking(schema, `${called} ${name}`));
      for (const { schema } of Object.values(operation.requestBody?.content ?? {}))
        without.push(...lacking(schema, called));
      for (const { content = {} } of Object.values(operation.responses))
        for (const { schema } of Object.values(content))
          without.push(...lacking(schema, `answer of ${called}`));
    }
    for (const [name, schema] of Object.entries(api.components.schemas))
      without.push(...lacking(schema, name));
    expect(without).to.deep.equal([]);
  });

  it('have a key of their own for every request, which is one when it is pasted', () => {
    const keys = operations().flatMap(({ operation }) =>
      (operation.parameters ?? []).flatMap(({ name, example }) =>
        name === 'Idempotency-Key' ? [example] : [],
      ),
    );
    expect(keys.length).to.be.greaterThan(40);
    expect(new Set(keys).size).to.equal(keys.length);
  });

  it('stand beside every parameter, also where one alone is pasted', () => {
    const bare = operations().flatMap(({ path, method, operation }) =>
      (operation.parameters ?? [])
        .filter(({ example, schema }) => example === undefined && schema.examples === undefined)
        .map(({ name }) => `${method} ${path} ${name}`),
    );
    expect(bare).to.deep.equal([]);
  });

  it('of what a ledger does not have all the time say what is needed first, and name operations that there are', () => {
    const called = new Map(
      operations().map((one) => [`${one.method} ${one.path}`, one.operation.description]),
    );
    const refused = [...REFUSED_HERE].map((one) => one.slice(0, one.lastIndexOf(' ')));
    expect(refused.filter((one) => !/ Needed first: \S/.test(called.get(one) ?? ''))).to.deep.equal([]);
    expect(Object.keys(NEEDED_FIRST).filter((one) => !called.has(one))).to.deep.equal([]);
    const named = Object.values(NEEDED_FIRST).flatMap((words) => [
      ...words.matchAll(/`((?:GET|POST|PUT|DELETE) \/[^`.]*)`/g),
    ]);
    expect(named.flatMap(([, one = '']) => (called.has(one) ? [] : [one]))).to.deep.equal([]);
    expect(named.length).to.be.greaterThan(20);
  });

  it('are taken as they stand, or refused for what there is', async () => {
    const astray: string[] = [];
    const refused = new Set<string>();
    let [tried, taken] = [0, 0];
    for (const { path, method, operation } of operations()) {
      const parameters = operation.parameters ?? [];
      const written = (name: string, where: string) =>
        encodeURIComponent(String(parameters.find((one) => one.in === where && one.name === name)?.example));
      const place = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => written(name, 'path'));
      const query = parameters.filter((one) => one.in === 'query');
      const needed = query.filter(({ required }) => required);
      const [role] = operation['x-roles'];
      const institution = operation['x-example-institution'] ?? 0;
      const headers = Object.fromEntries(
        parameters
          .filter((one) => one.in === 'header' && one.name !== 'Prefer')
          .map(({ name, example }) => [name, String(example)]),
      );
      // with what is needed alone, then with each that is not and has an example, then as a page fills them in
      const others = query.filter(({ required, example }) => required !== true && example !== undefined);
      const files = Object.entries(operation.requestBody?.content ?? {});
      for (const [media, content] of files.length === 0 ? [[undefined, undefined] as const] : files) {
        if (media !== undefined && BINARY.test(media)) {
          expect(content?.example, `${method} ${path} ${media}`).to.equal(undefined);
          continue;
        }
        for (const more of [[], ...others.map((one) => [one]), others]) {
          const search = [...needed, ...more]
            .map(({ name }) => `${name}=${written(name, 'query')}`)
            .join('&');
          const isFile = media !== undefined && (media !== 'application/json' || path.endsWith('parcels'));
          const told = await app.ask<Problem>(method, `${place}${search === '' ? '' : `?${search}`}`, {
            token:
              role === undefined ? undefined : await app.token(role, institution, 'examples', boundTo(role)),
            headers: more.length === 0 ? headers : Object.assign({}, headers, newKey(headers)),
            ...(content === undefined || isFile ? {} : { body: content.example }),
            ...(isFile ? { file: { text: String(content?.example), type: media } } : {}),
          });
          tried++;
          const { code } = told.body;
          const kind = Object.hasOwn(refusals, code ?? '') ? refusals[code as RefusalCode].kind : undefined;
          const isOfState =
            kind !== undefined &&
            !OF_ANOTHER.has(code) &&
            (ABOUT_STATE.includes(kind) || INVALID_HERE.has(code) || OF_A_KEY.has(code));
          if (told.status >= 300) refused.add(`${method} ${path} ${code}`);
          if (told.status < 300) {
            taken++;
            if (method === 'GET') read.add(path);
          } else if (!isOfState)
            astray.push(
              `${method} ${path} ${media ?? ''} ${more.map(({ name }) => name).join()}: ${told.status} ${told.text.slice(0, 300)}`,
            );
        }
      }
    }
    console.log(`      examples pasted | ${tried} tried | ${taken} taken | ${astray.length} out of shape`);
    expect(astray).to.deep.equal([]);
    expect(taken).to.be.greaterThan(225);
    expect([...refused].filter((one) => !REFUSED_HERE.has(one))).to.deep.equal([]);
    const readable = operations().filter(({ path, method }) => method === 'GET' && !ABSENT.test(path));
    const unread = readable.map(({ path }) => path).filter((path) => !read.has(path));
    expect(unread, 'pasted on what a demonstration left').to.deep.equal([]);
  });
});
