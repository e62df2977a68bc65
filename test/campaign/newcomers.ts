/** Officers who come after the founding. */

import type { InstitutionId } from '../../server/domain/base/terms.ts';
import { officerOf } from '../chain/signing.ts';
import { withPasskey } from './passkeys.ts';
import { CORRUPT, type Hand, type Scene } from './scene.ts';

/** Somebody new at an institution, with keys of their own: some in a key store, some passkeys. */
export function newcomer(scene: Scene, institution: InstitutionId): Hand {
  scene.newcomers += 1;
  const plain = officerOf(institution, `newcomer ${scene.newcomers}`);
  const kind = scene.random.pick(['secp256k1', 'secp256k1', 'p256', 'webauthn'] as const);
  const verifier = kind === 'secp256k1' ? undefined : scene.verifiers.get(kind);
  const isCorrupt = institution === CORRUPT || scene.newcomers % 2 === 0;
  if (kind === 'secp256k1' || verifier === undefined) return { ...plain, isCorrupt };
  return { ...withPasskey(plain, kind, verifier), isCorrupt };
}
