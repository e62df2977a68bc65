/**
 * The history of whatever entries are about, in words. Of a programme and a vendor for their own institution, of a unit
 * for registrars, of who may act for every office; an auditor sees all.
 */
import { z } from 'zod';
import { historyOf } from '../desk/history.ts';
import { HOW } from '../domain/acts/entries.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { Views } from '../store/views.ts';
import { type Route, route } from './route.ts';
import { amountOut, bytes32, pageBody, pageQuery } from './shapes.ts';

const officer = z.object({
  officer: z.string(),
  institution: z.int().optional(),
  office: z.int().optional().meta({ description: '0 is every office' }),
});

const line = z
  .object({
    entryId: z.string(),
    register: z.string(),
    index: amountOut.meta({ description: 'Of the entry in its register' }),
    act: z.string().meta({ description: '`transfer`, `funds-moved`, `set-quorum`, ...' }),
    recordedAt: amountOut.meta({ description: 'Unix seconds of its block' }),
    blockNumber: amountOut,
    preparer: officer.optional(),
    approver: officer.optional().meta({ description: 'Absent where one officer signs alone' }),
    votedBy: z.array(z.int()).optional().meta({ description: 'Institutions in favour, of a measure' }),
    changes: z.array(
      z.object({
        what: z.string(),
        how: z.enum(HOW),
        id: z.int().optional().meta({ description: "The register's number of what changed" }),
        words: z.string(),
      }),
    ),
  })
  .meta({ id: 'HistoryLine' });

export function historyRoutes({ views }: { readonly views: Views }): Route[] {
  return [
    route({
      method: 'get',
      path: '/history/{subject}',
      roles: ['registrar', 'agency', 'steward', 'member', 'auditor'],
      scope: 'subject',
      tag: 'audit',
      summary:
        'What happened to a unit, a programme, a vendor, an officer or an institution: which act, when, signed by whom, what it changed',
      params: z.object({
        subject: bytes32().meta({
          type: 'string',
          description: 'Its id; of an institution its number, of a pause its bits, in 32 bytes',
        }),
      }),
      query: pageQuery,
      answers: { 200: pageBody(line) },
      handle: async ({ params, query }) => {
        const page = await historyOf(views, params.subject, query);
        if (page.total === 0) throw refusal('nothing-recorded-of');
        return { status: 200, body: page };
      },
    }),
  ];
}
