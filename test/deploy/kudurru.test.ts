/**
 * A ledger founded on a node that is not ours to start: the module on Hardhat's own chain, and the documented command
 * against the JSON-RPC listener of an embedded chain, broken off half way once.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { Contract, JsonRpcProvider, type Provider } from 'ethers';
import { network } from 'hardhat';
import { ledgerModule } from '../../deploy/modules/ledger.ts';
import type { ContractName } from '../../server/domain/acts/events.ts';
import { type Address, type Bytes32, type Hex, ZERO_32, ZERO_ADDRESS } from '../../server/domain/base/hex.ts';
import { type InstitutionId, KEY_KINDS, type OfficeId, type Role } from '../../server/domain/base/terms.ts';
import { type Founding, foundingStruct } from '../../server/domain/power/founding.ts';
import { writeFounding } from '../../server/domain/power/foundingFile.ts';
import { contractOf } from '../../server/ledger/contracts.ts';
import { CHARTER_ADDRESS, charterAccount } from '../../server/ledger/founding.ts';
import { type ChainProvider, NodeError, RPC } from '../../server/ledger/provider.ts';
import { listenRpc } from '../../server/ledger/rpc.ts';
import { softwareSigner } from '../../server/ledger/signer.ts';
import { foundingOfficerOf, named, officerOf } from '../chain/signing.ts';
import { doorBefore } from '../gateway/door.ts';
import { kudurruBeside } from '../gateway/kudurru.ts';
import { openTestLedger } from '../server/ledger/chain.ts';
import { removeTemporaryFolders, temporaryFolder } from '../server/store/folder.ts';
import { deployBy, type Ended } from './deployBy.ts';

const root = path.resolve(import.meta.dirname, '../..');
const SENIOR: readonly Role[] = ['admin-preparer', 'admin-approver', 'vote', 'pause', 'revoke'];
const VALIDATORS = [`0x${'a1'.repeat(20)}`, `0x${'a2'.repeat(20)}`] as Address[];
/** The contracts that wait for no other: Ignition sends them together, then looks for their receipts. */
const FIRST_BATCH = 7;
const FOUNDER_KEY = named('the founder who lets go');

const LEDGER_NONCE = named('ledger nonce') as Bytes32;

const officer = (institution: number, which: number) =>
  foundingOfficerOf(officerOf(institution, `officer ${institution} ${which}`), LEDGER_NONCE, {
    roles: SENIOR,
  });

const founding: Founding = {
  ledgerNonce: LEDGER_NONCE,
  institutions: [1, 2].map((institution) => ({ institution: institution as InstitutionId, roles: SENIOR })),
  officers: [
    ...[officer(1, 0), officer(1, 1), officer(1, 2)],
    ...[officer(2, 0), officer(2, 1), officer(2, 2)],
  ],
  offices: [{ office: 7 as OfficeId, keeper: 1 as InstitutionId }],
  verifiers: ['p256', 'webauthn'],
  policies: [{ name: named('noticeDays'), value: 30n }],
  validators: [1, 2].map((institution, i) => ({
    validator: VALIDATORS[i] ?? ZERO_ADDRESS,
    institution: institution as InstitutionId,
  })),
  quorum: 2,
  wideningWaitSeconds: 172_800,
  appointmentWaitSeconds: 86_400,
};

/** What every ledger is after its founding, wherever it was founded. */
async function expectFounded(provider: Provider, charterAt: string, validators: readonly string[]) {
  const at = (name: ContractName, address: string) =>
    new Contract(address, contractOf(name).calls, provider) as Contract & Record<string, never>;
  const read = async (contract: Contract, method: string, ...args: unknown[]) =>
    contract.getFunction(method).staticCall(...args);
  const lower = (value: unknown) => String(value).toLowerCase();

  const charter = at('charter', charterAt);
  const setInForce: readonly string[] = await read(charter, 'getValidators');
  expect(setInForce.map(lower)).to.deep.equal(validators.map(lower));

  const consortium = at('consortium', await read(charter, 'authority'));
  const verifierAt = {
    p256: lower(await read(consortium, 'verifierOf', KEY_KINDS.indexOf('p256'))) as Address,
    webauthn: lower(await read(consortium, 'verifierOf', KEY_KINDS.indexOf('webauthn'))) as Address,
  };
  for (const verifier of Object.values(verifierAt)) {
    expect(await provider.getCode(verifier)).to.have.length.above(100);
  }
  const struct = foundingStruct(founding, verifierAt);
  for (const [i, { institution, office, roles, key, spare }] of struct.officers.entries()) {
    const record = await read(consortium, 'officerOf', founding.officers[i]?.officer);
    expect(Number(record.standing.institution)).to.equal(institution);
    expect(Number(record.standing.office)).to.equal(office);
    expect(Number(record.standing.roles)).to.equal(roles);
    expect([record.standing.epoch, record.standing.spareEpoch]).to.deep.equal([1n, 2n]);
    expect(Number(record.standing.hold)).to.equal(0);
    expect([record.standing.kind, record.standing.spareKind].map(Number)).to.deep.equal([
      key.kind,
      spare.kind,
    ]);
    for (const [place, one] of [key, spare].entries()) {
      const { keyHash, rpIdHash, verifier } = record.places[place];
      expect([keyHash, rpIdHash, lower(verifier)]).to.deep.equal([one.keyHash, one.rpIdHash, one.verifier]);
    }
  }
  expect(await read(consortium, 'policyOf', named('noticeDays'))).to.equal(30n);
  const constitution = await read(consortium, 'constitution');
  expect([constitution.quorum, constitution.seated, constitution.activeMembers]).to.deep.equal([
    2n,
    true,
    0b110n,
  ]);
  expect([constitution.wideningWaitSeconds, constitution.appointmentWaitSeconds]).to.deep.equal([
    172_800n,
    86_400n,
  ]);
  const kept = await read(consortium, 'founding');
  expect(kept.officers.map((one: { salt: string }) => one.salt)).to.deep.equal(
    struct.officers.map((one) => one.salt),
  );

  const register = async (name: string) => String(await read(charter, 'registerOf', named(name)));
  const safeguards = at('safeguards', await register('Safeguards'));
  expect(await read(consortium, 'safeguards')).to.equal(safeguards.target);
  const personnel = at('personnel', await register('Personnel'));
  const council = at('council', await read(consortium, 'council'));
  const land = at('land', await register('LandRegistry'));
  const landTransfers = at('landTransfers', await read(land, 'transfers'));
  const landCharges = at('landCharges', await read(land, 'charges'));
  const landParts = at('landParts', await read(land, 'parts'));
  const landPartition = at('landPartition', await read(land, 'partition'));
  const landDivision = at('landDivision', await read(land, 'division'));
  const benefits = at('benefits', await register('BenefitLedger'));
  const notary = at('notary', await register('Notary'));
  const benefitRules = at('benefitRules', await read(benefits, 'rules'));
  expect(await provider.getCode(benefitRules)).to.have.length.above(100);
  const rules = [landTransfers, landCharges, landPartition, landParts, landDivision];
  for (const one of [consortium, safeguards, personnel, council, land, ...rules, benefits, notary]) {
    expect(lower(await read(one, 'charter'))).to.equal(lower(charterAt));
  }
  for (const journal of [consortium, safeguards, personnel, land, benefits, notary]) {
    expect(await read(journal, 'entryCount')).to.equal(0n);
    expect(await read(journal, 'ledgerNonce')).to.equal(founding.ledgerNonce);
    expect(await read(journal, 'head')).not.to.equal(ZERO_32);
  }
  return { charter };
}

async function expectPowerless(charter: Contract, founder: string) {
  const reason = contractOf('charter').calls.encodeErrorResult('NotTheAuthority');
  for (const [method, args] of [
    ['addValidator', [founder]],
    ['setRegister', [named('LandRegistry'), charter.target]],
    ['setAuthority', [charter.target]],
  ] as const) {
    const refused = await charter
      .getFunction(method)
      .staticCall(...args, { from: founder })
      .then(
        () => 'nothing refused',
        (problem: Error) => JSON.stringify(problem),
      );
    expect(refused, method).to.include(reason);
  }
}

describe('the deployment module', function () {
  this.timeout(300_000);

  it('founds a whole ledger on a chain without a Charter, and leaves the founder without power', async () => {
    const { ethers, ignition } = await network.create({
      network: 'default',
      override: { initialBaseFeePerGas: 0n, gasPrice: 0n },
    });
    const [founder] = await ethers.getSigners();
    if (founder === undefined) throw new Error('no account');
    const before = await ethers.provider.getBalance(founder);
    const { charter } = await ignition.deploy(ledgerModule(founding, { validators: VALIDATORS }));
    const founded = await expectFounded(ethers.provider, await charter.getAddress(), VALIDATORS);
    await expectPowerless(founded.charter, founder.address);
    expect(await ethers.provider.getBalance(founder)).to.equal(before);
  });
});

describe('the deployment command', function () {
  this.timeout(600_000);
  after(removeTemporaryFolders);

  it('founds the ledger of a node, goes on where it was broken off, and does nothing twice', async () => {
    const founder = softwareSigner(Buffer.from(FOUNDER_KEY.slice(2), 'hex'));
    const folder = temporaryFolder();
    const foundingFile = path.join(folder, 'founding.json');
    writeFileSync(foundingFile, writeFounding(founding));
    const ledger = await openTestLedger(path.join(folder, 'ledger'), {
      genesisAccounts: (chainId) => [charterAccount(VALIDATORS, founder.address, chainId)],
    });
    const link = breakable(ledger.chain);
    const rpc = await listenRpc(link.chain, 0);
    const url = `http://localhost:${rpc.port}`;
    const provider = new JsonRpcProvider(url);
    const deployment = path.join(root, `deploy/deployments/chain-${ledger.chain.genesis.chainId}`);
    try {
      const settings = {
        KUDURRU_RPC_URL: url,
        KUDURRU_FOUNDER_KEY: FOUNDER_KEY,
        KUDURRU_FOUNDING: foundingFile,
        KUDURRU_CHARTER: CHARTER_ADDRESS,
      };
      link.breakAfter(FIRST_BATCH);
      const broken = await deployBy(settings);
      expect(broken.code, broken.output).not.to.equal(0);
      link.mend();
      const charter = new Contract(CHARTER_ADDRESS, contractOf('charter').calls, provider);
      const authority = async () => String(await charter.getFunction('authority').staticCall());
      expect((await authority()).toLowerCase()).to.equal(founder.address);

      // By the command, for a node that lets in nobody without credentials.
      const door = await doorBefore(url, 'Bearer of-the-founder');
      const credentials = path.join(folder, 'credentials');
      writeFileSync(credentials, 'Bearer of-the-founder\n');
      const over = ['network', 'deploy', '--rpc', door.url, '--founding', foundingFile, '--yes', '--json'];
      const resumed = await kudurruBeside(
        [...over, '--charter', CHARTER_ADDRESS, '--credentials', credentials],
        { KUDURRU_FOUNDER_KEY: FOUNDER_KEY },
      );
      door.close();
      expect(resumed.code, resumed.stderr).to.equal(0);
      expect([JSON.parse(resumed.stdout), door.refused()]).to.deep.equal([{ deployed: true }, 0]);
      expect(resumed.stderr).not.to.include('of-the-founder');
      await expectFounded(provider, CHARTER_ADDRESS, VALIDATORS);
      await expectPowerless(charter, founder.address);
      const addresses: Record<string, Hex> = JSON.parse(
        readFileSync(path.join(deployment, 'deployed_addresses.json'), 'utf8'),
      );
      expect(addresses['Kudurru#Consortium']).to.equal(await authority());
      expect(await provider.getBalance(founder.address)).to.equal(0n);

      const head = ledger.chain.headNumber;
      const again = await deployBy(settings);
      expect(again.code, again.output).to.equal(0);
      expect(ledger.chain.headNumber).to.equal(head);
    } finally {
      provider.destroy();
      await rpc.close();
      await ledger.close();
      if (existsSync(deployment)) rmSync(deployment, { recursive: true });
    }
  });

  it('is refused before its first transaction where the node, its Charter or the key is not what it should be', async () => {
    const founder = softwareSigner(Buffer.from(FOUNDER_KEY.slice(2), 'hex'));
    const folder = temporaryFolder();
    const file = path.join(folder, 'founding.json');
    writeFileSync(file, writeFounding(founding));
    writeFileSync(path.join(folder, 'genesis.json'), '{}');
    const ledger = await openTestLedger(path.join(folder, 'ledger'), {
      genesisAccounts: (chainId) => [charterAccount(VALIDATORS, founder.address, chainId)],
    });
    const rpc = await listenRpc(ledger.chain, 0);
    try {
      const fit = {
        KUDURRU_RPC_URL: `http://localhost:${rpc.port}`,
        KUDURRU_FOUNDER_KEY: FOUNDER_KEY,
        KUDURRU_FOUNDING: file,
        KUDURRU_CHARTER: CHARTER_ADDRESS,
      };
      const passed = await moduleWith(fit);
      expect([passed.code, passed.output]).to.deep.equal([0, '']);
      const elsewhere = `0x${'12'.repeat(20)}`;
      for (const [settings, names] of [
        [{ KUDURRU_FOUNDER_KEY: named('a key of somebody else') }, 'authority-differs'],
        [{ KUDURRU_RPC_URL: 'http://localhost:9' }, 'node-silent'],
        [{ KUDURRU_FOUNDER_KEY: '0x12' }, 'KUDURRU_FOUNDER_KEY is not a private key'],
        [{ KUDURRU_GENESIS: path.join(folder, 'genesis.json') }, 'genesis-unreadable'],
      ] as const) {
        const refused = await moduleWith({ ...fit, ...settings });
        expect(refused.code, names).not.to.equal(0);
        expect(refused.output).to.include(names);
      }
      const deployed = await deployBy({ ...fit, KUDURRU_CHARTER: elsewhere });
      expect(deployed.code).not.to.equal(0);
      expect(deployed.output).to.include('NOT LIKE THIS: nothing was sent').and.include('charter-differs');
      expect(ledger.chain.headNumber).to.equal(0n);
    } finally {
      await rpc.close();
      await ledger.close();
    }
  });

  it('stops before its first transaction when a setting is missing or malformed', async () => {
    const unused = { KUDURRU_RPC_URL: 'http://localhost:9', KUDURRU_FOUNDER_KEY: FOUNDER_KEY };
    for (const [settings, names] of [
      [{}, 'KUDURRU_FOUNDING'],
      [{ KUDURRU_FOUNDING: 'package.json', KUDURRU_CHARTER: CHARTER_ADDRESS }, 'founding file'],
    ] as const) {
      expect((await moduleWith({ ...unused, ...settings })).output).to.include(names);
    }
    const folder = temporaryFolder();
    const file = path.join(folder, 'founding.json');
    writeFileSync(file, writeFounding(founding));
    for (const [settings, names] of [
      [{}, 'KUDURRU_CHARTER'],
      [{ KUDURRU_CHARTER: 'here' }, 'KUDURRU_CHARTER'],
      [{ KUDURRU_VALIDATORS: `${VALIDATORS[0]},0x1` }, 'KUDURRU_VALIDATORS'],
    ] as const) {
      const ended = await moduleWith({ ...unused, KUDURRU_FOUNDING: file, ...settings });
      expect(ended.code).not.to.equal(0);
      expect(ended.output).to.include(names);
    }
    expect(
      (await moduleWith({ KUDURRU_FOUNDING: file, KUDURRU_VALIDATORS: VALIDATORS.join(',') })).code,
    ).to.equal(0);
  });
});

/** What Hardhat does first with the module, without the ten seconds of starting it. */
function moduleWith(settings: NodeJS.ProcessEnv): Promise<Ended> {
  const child = spawn(process.execPath, [path.join(root, 'deploy/modules/Kudurru.ts')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, ...settings },
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** A chain whose line is cut for whatever comes after so many transactions, until it is mended. */
function breakable(chain: ChainProvider) {
  let left = Number.POSITIVE_INFINITY;
  const request: ChainProvider['request'] = (call) => {
    if (left <= 0) return Promise.reject(new NodeError(RPC.internal, 'the line is cut'));
    if (call.method === 'eth_sendRawTransaction') left -= 1;
    return chain.request(call);
  };
  return {
    chain: { request, blockAfter: chain.blockAfter.bind(chain) } satisfies ChainProvider,
    breakAfter: (transactions: number) => {
      left = transactions;
    },
    mend: () => {
      left = Number.POSITIVE_INFINITY;
    },
  };
}
