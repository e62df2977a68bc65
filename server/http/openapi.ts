/**
 * The API's description (OpenAPI 3.1), made from the very table of routes that is mounted: nothing can be
 * served that is not described, and nothing described that is not served.
 */
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { CASE_REFERENCE } from '../domain/people/access.ts';
import { type DescribedApi, withExamples } from './examples.ts';
import { type LedgerExamples, NO_LEDGER_EXAMPLES } from './ledgerExamples.ts';
import { NEEDED_FIRST } from './neededFirst.ts';
import { bodyLimitOf, type Route, takesKey, UUID } from './route.ts';

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().meta({ description: 'Stable name of the refusal; see GET /refusals' }),
    remedy: z.string().optional(),
    rule: z.string().optional(),
    errors: z
      .array(
        z.object({
          detail: z.string(),
          code: z.string(),
          remedy: z.string(),
          pointer: z.string().optional(),
          line: z.int().optional(),
        }),
      )
      .optional(),
    retryable: z.boolean(),
    clock: z.string().optional().meta({ description: 'Of what the time refuses: whose clock says what' }),
  })
  .meta({ id: 'Problem' });

const PROBLEM_ANSWER = {
  description:
    'Refused, or not possible now: an RFC 9457 problem with the code, the remedy and, where it exists, the rule',
  content: { 'application/problem+json': { schema: problem } },
};

export function describeApi(
  routes: readonly Route[],
  version: string,
  nowSeconds: number,
  ofLedger: LedgerExamples = NO_LEDGER_EXAMPLES,
) {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  }
  const document = createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Kudurru gateway',
      version,
      description:
        'Land titles and benefit entitlements on a permissioned ledger. Acts are prepared here, signed by officers on their own devices, and checked by the contracts; the gateway holds no key that can approve anything. Integers of money and units are decimal strings.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ token: [] }],
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  });
  if (!isDescribed(document)) throw new Error('a description of the API without paths');
  withExamples(document, nowSeconds, ofLedger);
  return document;
}

/** The description as the examples walk it: written above, so only that it is there is asked. */
function isDescribed(document: object): document is DescribedApi {
  return 'paths' in document;
}

/** For who pastes the example. */
function neededFirst({ method, path }: Route): string {
  const needed = NEEDED_FIRST[`${method.toUpperCase()} ${path}`];
  return needed === undefined ? '' : ` Needed first: ${needed}.`;
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const open = route.roles === 'anyone';
  const hasBody = route.body !== undefined || route.file !== undefined;
  const operation: ZodOpenApiOperationObject = {
    operationId: `${route.method}${route.path.replace(/[^a-zA-Z]+(\w)?/g, (_, letter?: string) => letter?.toUpperCase() ?? '')}`,
    tags: [route.tag],
    summary: route.summary,
    description: `${open ? 'Roles: anyone, without a token.' : `Roles: ${route.roles.join(', ')}.`}${neededFirst(route)}`,
    'x-roles': open ? [] : route.roles,
    'x-scope': route.scope,
    ...(hasBody && { 'x-max-body-bytes': bodyLimitOf(route) }),
    ...(open ? { security: [] } : {}),
    responses: { default: PROBLEM_ANSWER },
  };
  const parameters = parametersOf(route);
  if (Object.keys(parameters).length > 0) operation.requestParams = parameters;
  if (route.body !== undefined) {
    operation.requestBody = { required: true, content: { 'application/json': { schema: route.body } } };
  }
  if (route.file !== undefined) {
    operation.requestBody = {
      required: true,
      content: Object.fromEntries(
        route.file.map((type) => [type, { schema: { type: 'string', format: 'binary' } as const }]),
      ),
    };
  }
  for (const [status, schema] of Object.entries(route.answers)) {
    operation.responses[status as `${1 | 2 | 3 | 4 | 5}${string}`] = {
      description: status === '202' ? 'Accepted, not final: follow the operation' : 'Answer',
      ...(schema === undefined ? {} : { content: { 'application/json': { schema } } }),
    };
  }
  return operation;
}

const idempotencyKey = z.string().regex(UUID).meta({
  format: 'uuid',
  description: 'A UUID the client makes once per intention and repeats on every retry of it',
});

const caseReference = z
  .string()
  .regex(CASE_REFERENCE)
  .meta({ description: 'The number of the case the request belongs to; nothing about a person' });

function parametersOf(route: Route): NonNullable<ZodOpenApiOperationObject['requestParams']> {
  const header = {
    ...(takesKey(route) && { 'Idempotency-Key': idempotencyKey, Prefer: z.string().optional() }),
    ...(route.roles !== 'anyone' && {
      'X-Case-Reference': route.needsCase ? caseReference : caseReference.optional(),
    }),
  };
  return {
    ...(route.params === undefined ? {} : { path: route.params as z.ZodObject }),
    ...(route.query === undefined ? {} : { query: route.query as z.ZodObject }),
    ...(Object.keys(header).length === 0 ? {} : { header: z.object(header) }),
  };
}
