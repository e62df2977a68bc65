/**
 * The contracts of a ledger, and the order in which the founder lets go of them, as an Ignition module.
 *
 * Promises: the account that deploys names the registers and hands the Charter over last, so that a deployment broken
 * off anywhere is taken up again by the same command, and is either the founder's still or nobody's. What stands
 * afterwards is what `kudurru up` founds inside its own process (server/ledger/founding.ts). `Kudurru.ts` beside this
 * reads the environment and is what Hardhat runs; tests call `ledgerModule`.
 */
import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import type {
  IgnitionModuleBuilder,
  NamedArtifactContractAtFuture,
  NamedArtifactContractDeploymentFuture,
} from '@nomicfoundation/ignition-core';
import { id } from 'ethers';
import { type Address, ZERO_ADDRESS } from '../../server/domain/base/hex.ts';
import { type Founding, foundingPossessions, foundingStruct } from '../../server/domain/power/founding.ts';

/** Where genesis holds the Charter, or the first set of a Charter that is still to be deployed. */
export type CharterSource = { readonly at: Address } | { readonly validators: readonly Address[] };

type CharterFuture =
  | NamedArtifactContractDeploymentFuture<'Charter'>
  | NamedArtifactContractAtFuture<'Charter'>;

/** The founder is the account that deploys: an authority in genesis must be it. */
export function ledgerModule(founding: Founding, charterSource: CharterSource) {
  return buildModule('Kudurru', (m) => {
    const charter: CharterFuture =
      'at' in charterSource
        ? m.contractAt('Charter', charterSource.at)
        : m.contract('Charter', [[...charterSource.validators], m.getAccount(0)]);
    const power = deployPower(m, founding, charter);
    const registers = deployRegisters(m, founding, charter);
    const named = Object.entries({
      Safeguards: power.safeguards,
      Personnel: power.personnel,
      LandRegistry: registers.landRegistry,
      BenefitLedger: registers.benefitLedger,
      Notary: registers.notary,
    }).map(([name, register]) => m.call(charter, 'setRegister', [id(name), register], { id: `Name${name}` }));
    // The founder's last act: from here on only votes change anything.
    m.call(charter, 'setAuthority', [power.consortium], { id: 'HandOver', after: named });
    return { charter, ...power, ...registers };
  });
}

/** Who governs. OpenZeppelin's verifiers of P-256 keys and passkeys stand ready even where no key needs one yet. */
function deployPower(m: IgnitionModuleBuilder, founding: Founding, charter: CharterFuture) {
  const p256Verifier = m.contract('ERC7913P256Verifier');
  const passkeyVerifier = m.contract('ERC7913WebAuthnVerifier');
  const council = m.contract('Council', [charter]);
  const safeguards = m.contract('Safeguards', [charter, founding.ledgerNonce, ZERO_ADDRESS]);
  const personnel = m.contract('Personnel', [charter, founding.ledgerNonce, ZERO_ADDRESS]);
  const file = foundingStruct<typeof p256Verifier | typeof passkeyVerifier>(founding, {
    p256: p256Verifier,
    webauthn: passkeyVerifier,
  });
  const consortium = m.contract('Consortium', [
    charter,
    ZERO_ADDRESS,
    council,
    safeguards,
    // Copied, as Ignition's argument is a mutable type.
    {
      ...file,
      institutions: [...file.institutions],
      offices: [...file.offices],
      officers: [...file.officers],
      verifiers: [...file.verifiers],
      policies: [...file.policies],
      validators: [...file.validators],
    },
    foundingPossessions(founding).map((one) => ({ ...one })),
  ]);
  return { p256Verifier, passkeyVerifier, council, safeguards, personnel, consortium };
}

/** What is governed. */
function deployRegisters(m: IgnitionModuleBuilder, { ledgerNonce }: Founding, charter: CharterFuture) {
  const landTransfers = m.contract('LandTransfers', [charter]);
  const landCharges = m.contract('LandCharges', [charter]);
  const landPartition = m.contract('LandPartition', [charter]);
  const landParts = m.contract('LandParts', [charter]);
  const landDivision = m.contract('LandDivision', [charter]);
  const landRegistry = m.contract('LandRegistry', [
    charter,
    ledgerNonce,
    ZERO_ADDRESS,
    landTransfers,
    landCharges,
    landPartition,
    landParts,
    landDivision,
  ]);
  const benefitRules = m.contract('BenefitRules');
  const standingRules = m.contract('StandingRules');
  const benefitLedger = m.contract('BenefitLedger', [
    charter,
    ledgerNonce,
    ZERO_ADDRESS,
    benefitRules,
    standingRules,
  ]);
  // For whoever reads the register from outside: the register does not know of it.
  const benefitViews = m.contract('BenefitViews', [benefitLedger]);
  const benefits = { benefitRules, standingRules, benefitLedger, benefitViews };
  const notary = m.contract('Notary', [charter, ledgerNonce, ZERO_ADDRESS]);
  const land = { landTransfers, landCharges, landPartition, landParts, landDivision, landRegistry };
  return { ...land, ...benefits, notary };
}
