/** Officers with a P-256 key and with a passkey, who approve pauses: signatures that no secp256k1 is in. */
import { digest, type TypedStruct } from '../../server/domain/acts/typedData.ts';
import type { Address, Hex } from '../../server/domain/base/hex.ts';
import { KEY_KINDS, numberOf, SCOPES } from '../../server/domain/base/terms.ts';
import { compiledAt, contractOf } from '../../server/ledger/contracts.ts';
import {
  appointmentWith,
  possessionsWith,
  type Signer,
  signatureOf,
  withPasskey,
} from '../campaign/passkeys.ts';
import { ADMIN_ROLES, enact } from '../chain/powerScenes.ts';
import { FAR_FUTURE, headOf, named, officerOf, signedBy, typesOf } from '../chain/signing.ts';
import { PREPARER, SECOND_APPROVER, SECOND_PREPARER, type World } from '../chain/world.ts';

const VERIFIERS = { p256: 'ERC7913P256Verifier', webauthn: 'ERC7913WebAuthnVerifier' } as const;
const HOUR = 3_600n;

/** Two long pauses, each approved with another kind of key. */
export async function playPasskeys(world: World, nowSeconds: bigint): Promise<void> {
  let pauseSequence = 0;
  for (const kind of ['p256', 'webauthn'] as const) {
    const verifier = await deployed(world, VERIFIERS[kind]);
    await enact(world, 'allow-verifier', { target: verifier, value: BigInt(numberOf(KEY_KINDS, kind)) });
    const signer = withPasskey(officerOf(2, `an officer with ${kind}`), kind, verifier);
    const appointment = appointmentWith(signer, ADMIN_ROLES);
    const more = [possessionsWith(signer, world.domainOf('consortium'))];
    const by = [SECOND_PREPARER, SECOND_APPROVER] as const;
    await world.act('personnel', 'appointOfficer', { appointment }, { more, by, office: 0 });
    const scope = 1 << SCOPES.indexOf(kind === 'p256' ? 'settlement' : 'redemption');
    const pause = {
      scope,
      until: nowSeconds + HOUR,
      pauseSequence: pauseSequence++,
      caseReference: named('case'),
    };
    await approvedBy(world, signer, pause);
  }
}

async function deployed(world: World, file: string): Promise<Address> {
  const place = `@openzeppelin/contracts/utils/cryptography/verifiers/${file}.sol/${file}.json`;
  const receipt = await world.send(undefined, compiledAt(place).bytecode);
  return String(receipt.contractAddress).toLowerCase() as Address;
}

/** A long pause that the first institution prepares and this officer approves. */
async function approvedBy(world: World, signer: Signer, pause: object): Promise<void> {
  const act = { head: { ...headOf(PREPARER, world.nextSalt()), office: 0 }, ...pause };
  const domain = world.domainOf('safeguards');
  const signatures = signedBy(PREPARER, signer, domain, 'safeguards', 'pauseLong', act);
  const approval = { approver: signer.officer, approverEpoch: signer.epoch, deadline: FAR_FUTURE };
  const { types } = typesOf('safeguards', 'pauseLong');
  const signed = digest(domain, types, 'Approval', { act: act as TypedStruct, ...approval });
  const data = contractOf('safeguards').calls.encodeFunctionData('pauseLong', [
    act,
    { ...signatures, approver: signatureOf(signer, signed) },
  ]);
  await world.send(world.addresses.safeguards, data as Hex);
}
