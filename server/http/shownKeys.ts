/**
 * The shapes in which a key of a holder or a lender is written down beside its hash: what it signed that it is held.
 *
 * Promises: as the command of whoever holds it prints them, field for field. For the routes of land.
 */
import { z } from 'zod';
import type { Hex } from '../domain/base/hex.ts';
import { bytes32, compactSignature } from './shapes.ts';

/** Of a passkey, which shows itself. */
const point = z
  .string()
  .regex(/^0x[0-9a-f]{128}$/)
  .transform((text) => text as Hex)
  .meta({ type: 'string', description: 'The 64 bytes qx and qy of a passkey' });

const shownKey = z.strictObject({ salt: bytes32(), signature: compactSignature, passkey: point.optional() });

const shownBy = (command: string) => ({
  description: `As \`kudurru ${command}\` prints it: the key signed that it is held. Left out with a hash of zero alone`,
});

export const lendersKey = shownKey.meta(shownBy('lender record'));

export const holdersKey = shownKey
  .extend({
    holdingId: z
      .int()
      .min(1)
      .max(2 ** 32 - 1)
      .meta({
        description:
          'The number in the unit that the key was made for: refused where the register gives another',
      }),
  })
  .meta(shownBy('holder record'));
