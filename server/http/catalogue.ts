/**
 * The catalogue of refusals and the table of rules, as programs read them and as a person does: one refusal a page at
 * the very address that its problems name, all of them and all rules on one page each.
 *
 * Promises: nothing is written here that the catalogue and the table of rules do not say; whoever asks for a page is
 * answered with one, everybody else with JSON of the same.
 */
import { z } from 'zod';
import { type RefusalCode, refusal, refusals } from '../domain/base/refusal.ts';
import type { RefusalKind, RefusalRow } from '../domain/base/refusals/row.ts';
import { REQUIREMENTS } from '../domain/base/requirements.ts';
import { RULES, refusalsOf } from '../domain/rules.ts';
import {
  type Cited,
  type Explained,
  refusalPage,
  refusalsPage,
  rulePage,
  rulesPageOf,
} from './cataloguePages.ts';
import { FAULT_ROWS, isRetryable, statusOf } from './problem.ts';
import { type Answer, type Route, route } from './route.ts';
import { listBody, listOf } from './shapes.ts';

/** What a refusal of each kind leaves as it was: the second question of whoever meets one. */
const NOT_DONE: Readonly<Record<RefusalKind, string>> = {
  malformed: 'It was not read to its end. Nothing was recorded and nothing changed.',
  invalid: 'Nothing was recorded and nothing changed. Of a file only what its answer names was not taken.',
  unauthenticated: 'It was not looked at: nothing was shown, recorded or changed.',
  forbidden: 'Nothing was shown, recorded or changed.',
  missing: 'Nothing was changed, for there is nothing here that the request may reach.',
  conflict: 'It was not carried out. What others did in the meantime stands.',
  exhausted: 'It was not served. Whatever was accepted before it stands.',
  gone: 'Nothing was shown: what it asks for was destroyed for good and cannot be brought back.',
};
const NOT_DECIDED = 'Nothing was decided. What was accepted before it goes on by itself.';

const explained = z
  .object({
    code: z.string(),
    kind: z.string(),
    status: z.int().meta({ description: 'Of the HTTP answer, where a request meets it' }),
    message: z.string().meta({ description: 'What happened; `{hole}` is filled when it does' }),
    notDone: z.string().meta({ description: 'What was not done' }),
    remedy: z.string().meta({ description: 'What to do next' }),
    rule: z.string().optional(),
    retryable: z.boolean().meta({ description: 'The same request may succeed later' }),
    answers: z
      .array(z.string())
      .optional()
      .meta({ description: 'Where it is a question about a line of a file: what an officer may answer' }),
  })
  .meta({ id: 'Refusal' });

function explainedOf(code: RefusalCode): Explained {
  const row: RefusalRow = refusals[code];
  const { kind, message, remedy, rule, answers } = row;
  return {
    code,
    kind,
    status: statusOf(code),
    message,
    notDone: NOT_DONE[kind],
    remedy,
    ...(rule === undefined ? {} : { rule }),
    retryable: isRetryable(code),
    ...(answers === undefined ? {} : { answers }),
  };
}

/** Every refusal, and the two faults that a problem may name beside them. */
function all(): Explained[] {
  const faults = Object.entries(FAULT_ROWS).map(([code, row]) => ({
    code,
    kind: 'fault',
    notDone: NOT_DECIDED,
    ...row,
  }));
  return [...(Object.keys(refusals) as RefusalCode[]).map(explainedOf), ...faults];
}

const ruleShown = z
  .object({
    id: z.string(),
    source: z.enum(['register', 'requirement', 'standard']).meta({
      description:
        'A rule that the contracts enforce, a requirement they were built to, or a standard of files',
    }),
    says: z.string(),
    severity: z.enum(['refuses', 'halts']).optional(),
    enforcedIn: z.array(z.string()),
    statute: z.string().optional().meta({ description: 'Empty until a deployment names it' }),
    keeps: z.string().optional().meta({ description: 'The test that shows the rule keeping' }),
    refuses: z.string().optional().meta({ description: 'The test that shows it refusing' }),
    refusals: z.array(z.string()),
  })
  .meta({ id: 'Rule' });

/** All that the `rule` of a refusal may name. */
function allCited(): Cited[] {
  return [
    ...RULES.map((rule): Cited => {
      const enforcedIn = [...rule.enforcedIn];
      return Object.assign({}, rule, {
        source: 'register',
        enforcedIn,
        refusals: refusalsOf(rule.id),
      } as const);
    }),
    ...REQUIREMENTS.map(
      (one): Cited => Object.assign({}, one, { enforcedIn: [], refusals: refusalsOf(one.id) }),
    ),
  ];
}

export const catalogueRoutes: readonly Route[] = [
  refusalRoute('/refusals/{code}', 'One refusal: what happened, what was not done, and what to do next'),
  refusalRoute('/problems/{code}', 'The same at the address that is the `type` of its problems'),
  route({
    method: 'get',
    path: '/refusals',
    roles: 'anyone',
    scope: 'open',
    tag: 'gateway',
    summary: 'Every refusal: what happened, what was not done, what to do, and the rule it comes from',
    answers: { 200: listBody(explained) },
    handle: async ({ prefersHtml }) => {
      const rows = all();
      return prefersHtml ? pageAnswer(refusalsPage(rows)) : jsonAnswer(listOf(rows));
    },
  }),
  route({
    method: 'get',
    path: '/rules',
    roles: 'anyone',
    scope: 'open',
    tag: 'gateway',
    summary:
      'The rules of the registers: what each says, where it is enforced, its refusals and its tests; and the requirements and standards that other refusals cite',
    answers: { 200: listBody(ruleShown) },
    handle: async ({ prefersHtml }) => {
      const rows = allCited();
      return prefersHtml ? pageAnswer(rulesPageOf(rows)) : jsonAnswer(listOf(rows));
    },
  }),
  route({
    method: 'get',
    path: '/rules/{id}',
    roles: 'anyone',
    scope: 'open',
    tag: 'gateway',
    summary: 'One rule, requirement or standard: what it says, and every refusal that cites it',
    params: z.object({ id: z.string().max(80).meta({ description: 'As a refusal has it in `rule`' }) }),
    answers: { 200: ruleShown },
    handle: async ({ params: { id }, prefersHtml }) => {
      const found = allCited().find((one) => one.id === id);
      if (found === undefined) throw refusal('rule-unknown');
      return prefersHtml ? pageAnswer(rulePage(found)) : jsonAnswer(found);
    },
  }),
];

function refusalRoute(path: string, summary: string): Route {
  return route({
    method: 'get',
    path,
    roles: 'anyone',
    scope: 'open',
    tag: 'gateway',
    summary,
    params: z.object({ code: z.string().max(80).meta({ description: 'As the problem has it' }) }),
    answers: { 200: explained },
    handle: async ({ params: { code }, prefersHtml }) => {
      const found = all().find((one) => one.code === code);
      if (found === undefined) throw refusal('refusal-unknown');
      const says = allCited().find(({ id }) => id === found.rule)?.says;
      return prefersHtml ? pageAnswer(refusalPage(found, says)) : jsonAnswer(found);
    },
  });
}

/** A cache between keeps the page and the JSON of one address apart. */
const jsonAnswer = (body: unknown): Answer => ({ status: 200, body, headers: { Vary: 'Accept' } });
const pageAnswer = (body: string): Answer => ({
  status: 200,
  body,
  headers: { Vary: 'Accept', 'Content-Type': 'text/html; charset=utf-8' },
});
