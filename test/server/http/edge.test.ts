/** What the HTTP edge does with a body it cannot trust, and how it says no. */
import { expect } from 'chai';
import { z } from 'zod';
import { Fault } from '../../../server/domain/base/fault.ts';
import { parseStrictJson } from '../../../server/domain/base/json.ts';
import { Refusals, refusal } from '../../../server/domain/base/refusal.ts';
import { describeApi } from '../../../server/http/openapi.ts';
import { homePage } from '../../../server/http/pages.ts';
import { answerError, ERRORS_SHOWN } from '../../../server/http/problem.ts';
import { route } from '../../../server/http/route.ts';
import { codeOf } from '../../chain/recorded.ts';

describe('a request body', () => {
  it('is read as JSON reads it when every reader would agree', () => {
    for (const text of [
      '{}',
      '[]',
      ' {"a":[1,-2.5e3,true,null,"\\u00e9\\ud83d\\ude00"],"b":{"c":""}} ',
      '"x"',
      '0',
    ]) {
      expect(parseStrictJson(text)).to.deep.equal(JSON.parse(text));
    }
  });

  const REFUSED: readonly (readonly [string, string])[] = [
    ['{"a":1,"a":2}', 'duplicate-field'],
    ['{"a":1,"\\u0061":2}', 'duplicate-field'],
    ['{"__proto__":{}}', 'malformed-body'],
    ['{"a":1}x', 'malformed-body'],
    ['{"a":1,}', 'malformed-body'],
    ['[1,]', 'malformed-body'],
    ['[01]', 'malformed-body'],
    ['{"a" 1}', 'malformed-body'],
    ['"\\ud800"', 'malformed-body'],
    ['"a\nb"', 'malformed-body'],
    ['', 'malformed-body'],
    ['9007199254740993', 'number-out-of-range'],
    ['1e999', 'number-out-of-range'],
    [`${'['.repeat(18)}${']'.repeat(18)}`, 'body-too-deep'],
  ];
  for (const [text, code] of REFUSED) {
    it(`is refused as ${code} when it is ${JSON.stringify(text.slice(0, 24))}`, () => {
      expect(codeOf(() => parseStrictJson(text))).to.equal(code);
    });
  }
});

describe('a problem document', () => {
  it('names the refusal, its status and what to do', () => {
    const { problem } = answerError(refusal('duplicate-field'), 'r1');
    expect(problem).to.include({
      status: 400,
      code: 'duplicate-field',
      type: '/problems/duplicate-field',
      retryable: false,
    });
    expect(problem.remedy).to.be.a('string').and.not.empty;
  });

  it('shows at most its limits of errors and bytes, the first ones, each with its place and remedy', () => {
    const codes = ['duplicate-field', 'value-mangled', 'units-not-whole'] as const;
    for (const fieldLength of [0, 30, 300]) {
      const many = Array.from({ length: 80 }, (_, i) =>
        refusal(codes[i % 3] ?? 'duplicate-field', undefined, {
          line: i + 1,
          field: 'x'.repeat(fieldLength),
        }),
      );
      const [first, ...rest] = many;
      if (first === undefined) throw new Error('none');
      const { problem } = answerError(new Refusals([first, ...rest]), 'r2');
      expect(problem.errors?.length).to.be.within(10, ERRORS_SHOWN);
      expect(Buffer.byteLength(JSON.stringify(problem))).to.be.within(6_500, 8_192);
      expect(problem.errors?.map(({ line }) => line)).to.deep.equal(
        many.slice(0, problem.errors?.length).map(({ place }) => place.line),
      );
      expect(problem.errors?.[1]?.remedy).to.include('spreadsheet');
    }
  });

  it('tells a fault apart from a refusal and shows nothing of what is unforeseen', () => {
    const fault = answerError(new Fault('disk', { retryable: true }), 'r3');
    expect(fault.problem).to.include({ status: 503, retryable: true });
    expect(fault.retryAfterSeconds).to.be.greaterThan(0);
    const damage = answerError(new Fault('a row is lost', { retryable: false }), 'r5');
    expect([damage.retryAfterSeconds, damage.problem.retryable]).to.deep.equal([undefined, false]);
    expect(damage.problem.remedy).not.to.match(/Retry-After|same request again after/);
    const bug = answerError(new Error('secret detail'), 'r4');
    expect(bug.unforeseen).to.equal(true);
    expect(JSON.stringify(bug.problem)).to.not.include('secret');
    expect(bug.problem.status).to.equal(500);
  });
});

describe('the API description', () => {
  const routes = [
    route({
      method: 'post',
      path: '/acts/{id}/signatures',
      roles: ['registrar'],
      scope: 'act-signature',
      tag: 'land',
      summary: 'Adds a signature',
      params: z.object({ id: z.string() }),
      body: z.strictObject({ signature: z.string() }),
      answers: { 202: z.object({ operation: z.string() }) },
      handle: async () => ({ status: 202, body: { operation: 'o' } }),
    }),
    route({
      method: 'get',
      path: '/health/live',
      roles: 'anyone',
      scope: 'open',
      tag: 'gateway',
      summary: 'Is the process alive',
      answers: { 200: z.object({ alive: z.boolean() }) },
      handle: async () => ({ status: 200, body: { alive: true } }),
    }),
  ];

  it('names for every route who may call it, and asks no token where anyone may', () => {
    const document = describeApi(routes, '0.1.0', 0);
    const act = document.paths?.['/acts/{id}/signatures']?.post;
    const health = document.paths?.['/health/live']?.get;
    expect(document.openapi).to.equal('3.1.1');
    expect(act?.description).to.include('registrar');
    expect(act?.parameters?.map((parameter) => ('name' in parameter ? parameter.name : ''))).to.include(
      'Idempotency-Key',
    );
    expect(health?.security).to.deep.equal([]);
    expect(act?.responses?.default).to.not.equal(undefined);
  });
});

describe('the home page', () => {
  it('shows how the ledger stands and lets no text become markup', () => {
    const page = homePage({
      demo: true,
      phase: 'founding',
      finality: 'local',
      blockNumber: 7n,
      blockAgeSeconds: 61,
      titles: 2810,
      entitlements: 999,
      entries: 61,
      unsound: '<b>block 3</b>',
      missing: ['a <second> institution: `kudurru officer founding`'],
      isReady: false,
      rootsOverdue: 0,
      queued: 0,
      cautions: ['cannot-outlive-a-member'],
    });
    expect(page).to.include('<code>cannot-outlive-a-member</code>');
    expect(page)
      .to.include('2,810')
      .and.include('61 s')
      .and.include('DEMO')
      .and.include('a &#60;second&#62; institution: <code>kudurru officer founding</code>');
    expect(page).to.not.include('<b>block');
    expect(page).to.not.include('<script');
  });
});
