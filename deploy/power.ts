/**
 * The contracts every ledger begins with, and the order in which the founder lets go of them.
 *
 * Promises: the founder's account deploys, names the registers, and hands the Charter over last, so that a
 * deployment broken off anywhere is taken up again and never leaves two who govern. Registers are named between
 * the two; what they need is in `Power`.
 */
import type {
  Future,
  IgnitionModuleBuilder,
  NamedArtifactContractAtFuture,
  NamedArtifactContractDeploymentFuture,
} from '@nomicfoundation/ignition-core';
import { id, ZeroAddress } from 'ethers';

/** Key kinds as the contracts number them. */
const P256 = 2;
const PASSKEY = 3;

export type CharterFuture =
  | NamedArtifactContractDeploymentFuture<'Charter'>
  | NamedArtifactContractAtFuture<'Charter'>;

export interface Power {
  readonly charter: CharterFuture;
  readonly p256Verifier: NamedArtifactContractDeploymentFuture<'ERC7913P256Verifier'>;
  readonly passkeyVerifier: NamedArtifactContractDeploymentFuture<'ERC7913WebAuthnVerifier'>;
  readonly council: NamedArtifactContractDeploymentFuture<'Council'>;
  readonly safeguards: NamedArtifactContractDeploymentFuture<'Safeguards'>;
  readonly consortium: NamedArtifactContractDeploymentFuture<'Consortium'>;
}

/** Deploys who governs. Parameters are the founding file's; officers' keys leave their verifier zero. */
export function deployPower(m: IgnitionModuleBuilder, charter: CharterFuture): Power {
  const p256Verifier = m.contract('ERC7913P256Verifier');
  const passkeyVerifier = m.contract('ERC7913WebAuthnVerifier');
  const council = m.contract('Council', [charter]);
  const safeguards = m.contract('Safeguards', [charter, ZeroAddress]);
  const founding = {
    institutions: m.getParameter('institutions'),
    officers: m.getParameter('officers'),
    verifiers: [
      { kind: P256, verifier: p256Verifier },
      { kind: PASSKEY, verifier: passkeyVerifier },
    ],
    policies: m.getParameter('policies'),
    quorum: m.getParameter('quorum'),
    wideningWaitSeconds: m.getParameter('wideningWaitSeconds'),
    appointmentWaitSeconds: m.getParameter('appointmentWaitSeconds'),
  };
  const consortium = m.contract('Consortium', [charter, ZeroAddress, council, safeguards, founding]);
  return { charter, p256Verifier, passkeyVerifier, council, safeguards, consortium };
}

/** Names a register in force; only the founder can, and only before the hand-over. */
export function nameRegister(
  m: IgnitionModuleBuilder,
  power: Power,
  name: string,
  register: NamedArtifactContractDeploymentFuture<string>,
): Future {
  return m.call(power.charter, 'setRegister', [id(name), register], { id: `Name${name}` });
}

/** The founder's last act: from here on only votes change anything. */
export function handOver(m: IgnitionModuleBuilder, power: Power, after: Future[]): void {
  m.call(power.charter, 'setAuthority', [power.consortium], { id: 'HandOver', after });
}
