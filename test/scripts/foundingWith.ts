/** A founding file of four institutions, three officers each, that name these validators. */
import type { Address, Bytes32 } from '../../server/domain/base/hex.ts';
import { type InstitutionId, ROLES } from '../../server/domain/base/terms.ts';
import type { Founding } from '../../server/domain/power/founding.ts';
import { foundingOfficerOf, officerOf } from '../chain/signing.ts';

export function foundingWith(validators: readonly Address[]): Founding {
  const ledgerNonce = `0x${'5a'.repeat(32)}` as Bytes32;
  const numbers = [1, 2, 3, 4] as InstitutionId[];
  return {
    ledgerNonce,
    institutions: numbers.map((institution) => ({ institution, roles: ROLES })),
    officers: numbers.flatMap((institution) =>
      [0, 1, 2].map((n) =>
        foundingOfficerOf(officerOf(institution, `officer ${institution} ${n}`), ledgerNonce, {
          roles: ROLES,
        }),
      ),
    ),
    offices: [],
    verifiers: [],
    policies: [],
    validators: validators.map((validator, i) => ({
      validator,
      institution: (i + 1) as InstitutionId,
    })),
    quorum: 3,
    wideningWaitSeconds: 172_800,
    appointmentWaitSeconds: 86_400,
  };
}
