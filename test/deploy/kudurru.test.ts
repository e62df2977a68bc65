/** A ledger deployed as an operator deploys it, on a chain where gas costs nothing. */
import { expect } from 'chai';
import { AbiCoder, id, keccak256, Wallet } from 'ethers';
import { network } from 'hardhat';
import Kudurru from '../../deploy/Kudurru.ts';
import KudurruOnGenesis from '../../deploy/KudurruOnGenesis.ts';

const SENIOR = (1 << 4) | (1 << 5) | (1 << 6) | (1 << 7) | (1 << 8);
const NO_WORD = `0x${'00'.repeat(32)}`;
const NOBODY = `0x${'00'.repeat(20)}`;

const officer = (institution: number, which: number) => ({
  officer: id(`officer ${institution} ${which}`),
  institution,
  office: 0,
  roles: SENIOR,
  key: {
    kind: 1,
    verifier: NOBODY,
    keyHash: keccak256(new Wallet(id(`key ${institution} ${which}`)).address),
    rpIdHash: NO_WORD,
    requireUV: false,
  },
});

const founding = {
  institutions: [1, 2].map((institution) => ({ institution, roles: SENIOR })),
  officers: [officer(1, 0), officer(1, 1), officer(2, 0), officer(2, 1)],
  policies: [{ name: id('noticeDays'), value: 30n }],
  quorum: 2,
  wideningWaitSeconds: 172_800,
  appointmentWaitSeconds: 86_400,
};

const free = {
  network: 'default',
  override: { initialBaseFeePerGas: 0n, gasPrice: 0n },
} as const;

describe('a deployment', function () {
  this.timeout(120_000);

  it('leaves a seated consortium in power, and the founder without any', async () => {
    const { ethers, ignition } = await network.create();
    const [founder] = await ethers.getSigners();
    const parameters = { Kudurru: { ...founding, validators: [founder?.address ?? ''] } };
    const { charter, consortium, safeguards, p256Verifier, passkeyVerifier } = await ignition.deploy(
      Kudurru,
      { parameters },
    );
    expect(await charter.authority?.()).to.equal(await consortium.getAddress());
    expect(await charter.registerOf?.(id('Safeguards'))).to.equal(await safeguards.getAddress());
    expect(await consortium.isSeated?.()).to.equal(true);
    expect(await consortium.verifierOf?.(2)).to.equal(await p256Verifier.getAddress());
    expect(await consortium.verifierOf?.(3)).to.equal(await passkeyVerifier.getAddress());
    const file = await consortium.founding?.();
    expect(file.officers.map((one: { officer: string }) => one.officer)).to.deep.equal(
      founding.officers.map((one) => one.officer),
    );
    const refused = await charter.addValidator?.(NOBODY).then(
      () => undefined,
      (problem: Error) => problem.message,
    );
    expect(refused).to.include('NotTheAuthority');
  });

  it('takes a Charter that stands in genesis, its slots written by hand, where gas is free', async () => {
    const { ethers, ignition, provider } = await network.create(free);
    const [founder] = await ethers.getSigners();
    const charter = '0x000000000000000000000000000000000000c4a7';
    const { deployedBytecode } = await artifact();
    await provider.request({ method: 'hardhat_setCode', params: [charter, deployedBytecode] });
    const word = (value: string) => AbiCoder.defaultAbiCoder().encode(['uint256'], [value]);
    const slots: readonly [string, string][] = [
      [word('0'), word('1')],
      [keccak256(word('0')), word('0xa1')],
      [word('1'), word(founder?.address ?? '')],
    ];
    for (const [slot, value] of slots) {
      const quantity = `0x${BigInt(slot).toString(16)}`;
      await provider.request({ method: 'hardhat_setStorageAt', params: [charter, quantity, value] });
    }
    const before = await ethers.provider.getBalance(founder?.address ?? '');
    const parameters = { KudurruOnGenesis: { ...founding, charter } };
    const { consortium, charter: named } = await ignition.deploy(KudurruOnGenesis, { parameters });
    expect(await named.authority?.()).to.equal(await consortium.getAddress());
    expect(await named.getValidators?.()).to.have.length(1);
    expect(await ethers.provider.getBalance(founder?.address ?? '')).to.equal(before);
  });
});

async function artifact(): Promise<{ deployedBytecode: string }> {
  const { artifacts } = await import('hardhat');
  return artifacts.readArtifact('Charter');
}
