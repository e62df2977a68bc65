/**
 * Whoever read or did something at this gateway, so that a person knows them: the role, the institution and what their token
 * is for, instead of the id of a token.
 *
 * Promises: what a token is for is told to its own institution and to a person about her own data, and to no other institution.
 */
import { z } from 'zod';
import type { Telling } from '../desk/telling.ts';

/** Who a principal is; undefined of whoever has no token of this gateway. */
export type WhoIs = Telling['whoIs'];

export const whoOut = z
  .object({
    institution: z.int().optional().meta({ description: '0 is none' }),
    roles: z.array(z.string()),
    label: z.string().optional().meta({ description: 'What the token is for, as its issuer wrote it' }),
    words: z.string().meta({ description: 'The same in words' }),
  })
  .meta({ id: 'Who' });

export async function whoOf(
  whoIs: WhoIs,
  principal: string,
  mayHaveLabel: (institution: number) => boolean,
): Promise<z.infer<typeof whoOut>> {
  const note = await whoIs(principal);
  if (note === undefined)
    return { roles: [], words: OTHERS[principal] ?? 'somebody whose token is not known here' };
  const { institution, roles } = note;
  const label = mayHaveLabel(institution) ? note.label : undefined;
  const place = institution === 0 ? 'no institution' : `institution ${institution}`;
  const called = label === undefined ? '' : ` (${label})`;
  const words = `${roles.join(' and ')} of ${place}${called}`;
  return label === undefined
    ? { institution, roles: [...roles], words }
    : { institution, roles: [...roles], label, words };
}

/** Principals without a token. */
const OTHERS: Readonly<Record<string, string>> = {
  door: 'a command on the machine of the gateway',
  'own:card': 'the person herself, with the key of her card',
  'own:holding': 'the person herself, with the key of her holding',
  'asked:holding': 'somebody whose consent the act asks for, with the key of that holding',
  'asked:restriction': 'somebody whose consent the act asks for, with the key of that charge or notice',
  'party:holding': 'a holder of the title, with the key of that holding',
  'own:restriction': 'the person herself, with the key of her charge or notice',
};
