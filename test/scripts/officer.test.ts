import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { network } from 'hardhat';
import { registerDomain } from '../../server/domain/acts/domains.ts';
import { digestOf, type TypedStruct, typesOf } from '../../server/domain/acts/typedData.ts';
import type { Address, Bytes32 } from '../../server/domain/base/hex.ts';
import { type InstitutionId, type OfficerId, ROLES, type Role } from '../../server/domain/base/terms.ts';
import { BENEFIT_TYPES } from '../../server/domain/benefits/types.ts';
import { POWER_TYPES } from '../../server/domain/power/acts.ts';
import { foundingPossessions, foundingStruct } from '../../server/domain/power/founding.ts';
import { officerRecordJson, parseFounding, writeFounding } from '../../server/domain/power/foundingFile.ts';
import { foundingDomain, isPossessed } from '../../server/domain/power/possession.ts';
import { writeActFile } from '../../server/domain/signer/actFile.ts';
import type { SignableData } from '../../server/domain/signer/typedJson.ts';
import { appointmentOf, foundingOfficerOf, officerOf, possessionsOf } from '../chain/signing.ts';
import { hasTerminal, kudurru, onTerminal, type Ran } from '../gateway/kudurru.ts';
import { needs } from '../within.ts';
import { requireDescribed } from './described.ts';
import { revealed, searchForSecrets } from './secrets.ts';

const PASSPHRASE = 'nine ladders and a kiln';
const ENV = { KUDURRU_PASSPHRASE: PASSPHRASE, KUDURRU_KEYS: 'ring' };
const ZERO = `0x${'00'.repeat(20)}`;
/** The first validator of the Charters below. */
const SEALER = `0x${'01'.repeat(20)}` as Address;
const sealer = (number: number) => `0x${(number + 1).toString(16).padStart(40, '0')}` as Address;
const NONCE = ['--ledger-nonce', `0x${'4e'.repeat(32)}`];
const word = (byte: number) => `0x${byte.toString(16).padStart(2, '0').repeat(32)}` as Bytes32;

let folder: string;
const printed: string[] = [];
/** Runs the command, and remembers everything that it printed. */
function run(...args: string[]): Ran {
  const result = kudurru(args, ENV, folder);
  printed.push(result.stdout, result.stderr);
  return result;
}
const inFolder = (name: string) => path.join(folder, name);
const textOf = (name: string) => fs.readFileSync(inFolder(name), 'utf8');
const idOf = (name: string): OfficerId => JSON.parse(textOf(`${name}.json`)).officer;

const newcomer = officerOf(1, 'a newcomer');
const appointmentData = (() => {
  const { salt, institution, office, roles, key, spare } = appointmentOf(newcomer, 3);
  const big = (one: typeof key) => Object.assign({}, one, { kind: BigInt(one.kind) });
  return {
    ...{ salt, institution: BigInt(institution), office: BigInt(office), roles: BigInt(roles) },
    ...{ key: big(key), spare: big(spare) },
  };
})();

const ledgerNonce = () => parseFounding(textOf('founding.json')).ledgerNonce;

/** An appointment that the first officer prepares, as the gateway would answer it. */
function appointment(personnel: string, chainId: bigint, head: Partial<TypedStruct> = {}): SignableData {
  return {
    domain: registerDomain(
      'personnel',
      { chainId: Number(chainId), ledgerNonce: ledgerNonce() },
      personnel.toLowerCase() as Address,
    ),
    types: typesOf(POWER_TYPES, 'AppointOfficer'),
    primaryType: 'AppointOfficer',
    message: {
      head: {
        office: 0n,
        preparer: idOf('mara'),
        preparerEpoch: 1n,
        notBefore: 0n,
        deadline: 4_102_444_800n,
        effectiveOn: 0n,
        salt: 77n,
        sourcesRoot: word(0),
        corrects: word(0),
        ...head,
      },
      appointment: appointmentData,
    },
  };
}

/** What the register of benefits records. */
function ofBenefits(
  type: 'PauseProgramme' | 'MoveFunds',
  fields: TypedStruct,
  benefitLedger: string,
  chainId: bigint,
): SignableData {
  const { head } = appointment(benefitLedger, chainId).message;
  const identity = { chainId: Number(chainId), ledgerNonce: ledgerNonce() };
  return {
    domain: registerDomain('benefitLedger', identity, benefitLedger as Address),
    types: BENEFIT_TYPES[type],
    primaryType: type,
    message: Object.assign({ head: head as TypedStruct, programme: word(0x66) }, fields),
  };
}

const programmePause = (benefitLedger: string, chainId: bigint) =>
  ofBenefits(
    'PauseProgramme',
    { pausedUntil: 9n, byTwoInstitutions: false, versionBefore: 1n },
    benefitLedger,
    chainId,
  );

function writeAct(name: string, act: SignableData, approver?: OfficerId): void {
  const approval =
    approver === undefined ? undefined : { approver, approverEpoch: 1, deadline: 4_102_444_000n };
  const file = writeActFile({ act, items: [], approval, consents: [], opens: [] });
  fs.writeFileSync(inFolder(name), JSON.stringify(file));
}

before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kudurru-officer-'));
});
after(() => fs.rmSync(folder, { recursive: true }));

describe('kudurru officer', () => {
  it('makes keys and public records, and prints a record again', () => {
    for (const [name, institution] of [
      ...[['mara', '1'] as const, ['noor', '1'] as const, ['rafa', '1'] as const],
      ...[['otto', '2'] as const, ['pili', '2'] as const, ['sana', '2'] as const],
    ]) {
      const about = ['--institution', institution, '--roles', 'all', ...NONCE];
      const made = run('officer', 'new', name, ...about);
      expect(made).to.include({ code: 0, stderr: '' });
      fs.writeFileSync(inFolder(`${name}.json`), made.stdout);
    }
    const again = run(
      'officer',
      'record',
      'mara',
      '--institution',
      '1',
      '--roles',
      ROLES.toReversed().join(),
      ...NONCE,
    );
    expect(again.stdout).to.equal(textOf('mara.json'));
    const replacing = ['--institution', '1', '--epoch', '3', '--officer', idOf('mara'), ...NONCE, '--json'];
    const replacement = JSON.parse(run('officer', 'key', 'mara-2', ...replacing).stdout);
    requireDescribed(replacement);
    const { key, ...next } = replacement;
    expect(next).to.deep.equal({ format: 'kudurru-officer-key-1', officer: idOf('mara'), epoch: 3 });
    expect(key.keyHash).to.not.equal(JSON.parse(textOf('mara.json')).key.keyHash);
    const possession = {
      officerId: idOf('mara'),
      keyHash: key.keyHash,
      epoch: 3,
      institution: 1 as InstitutionId,
    };
    expect(isPossessed(foundingDomain(word(0x4e)), possession, key, key.possession)).to.equal(true);
  });

  it('writes a founding file once, with its fingerprint and what is missing', () => {
    const institutions = ['--institution', '1:all', '--institution', '2:all'];
    const officers = ['mara', 'noor', 'rafa', 'otto', 'pili', 'sana'].flatMap((name) => [
      '--officer',
      `${name}.json`,
    ]);
    const waits = ['--widening-wait-days', '0', '--appointment-wait-days', '0'];
    const to = [...NONCE, '--out', 'founding.json'];
    const args = ['officer', 'founding', ...institutions, ...officers, ...waits, ...to];
    const written = run(...args, '--json');
    expect(written.code, written.stdout).to.equal(0);
    expect(JSON.parse(written.stdout)).to.deep.include({ phase: 'seated', missing: [] });
    expect(parseFounding(textOf('founding.json')).quorum).to.equal(2);
    const before = textOf('founding.json');
    expect(run(...args).code).to.equal(2);
    expect(textOf('founding.json')).to.equal(before);
    const three = ['mara', 'noor', 'rafa'].flatMap((name) => ['--officer', `${name}.json`]);
    const alone = ['--institution', '1:all', ...three, ...NONCE];
    const founding = run('officer', 'founding', ...alone, '--out', 'alone.json', '--json');
    expect(JSON.parse(founding.stdout)).to.include({ phase: 'founding' });
    expect(JSON.parse(founding.stdout).missing).to.have.length(2);
    const lonely = ['--institution', '1:all', ...three.slice(0, 4), ...NONCE, '--out', 'lonely.json'];
    expect(run('officer', 'founding', ...lonely).code).to.equal(1);
    expect(fs.existsSync(inFolder('lonely.json'))).to.equal(false);
  });

  it('answers 2 to numbers, roles and files that are none', () => {
    const tries = [
      ['new', 'x', '--institution', '0', '--roles', 'vote'],
      ['new', 'x', '--institution', '128', '--roles', 'vote'],
      ['new', 'x', '--institution', '1', '--roles', 'king'],
      ['new', 'x', '--institution', '1', '--roles', ''],
      ['new', 'x', '--institution', '1'],
      ['new', 'x', '--institution', '1', '--roles', 'vote', '--office', '4294967296'],
      ['new', 'x', '--institution', '1', '--roles', 'vote', '--ledger-nonce', '0x12'],
      ['new', 'x', '--institution', '1', '--roles', 'vote'],
      ['key', 'x', '--institution', '1', '--epoch', '3', '--officer', '0x12', ...NONCE],
      ['founding', '--institution', '1', '--officer', 'mara.json', ...NONCE, '--out', 'x.json'],
      ['founding', '--institution', '1:all', '--officer', 'nobody.json', ...NONCE, '--out', 'x.json'],
      ['founding', '--institution', '1:all', '--officer', 'founding.json', ...NONCE, '--out', 'x.json'],
      ['sign', 'nothing.json', '--key', 'mara', '--yes'],
      ['sign', 'founding.json', '--key', 'mara', '--yes'],
    ];
    for (const args of tries) expect(run('officer', ...args).code, args.join(' ')).to.equal(2);
    expect(fs.existsSync(inFolder('x.json'))).to.equal(false);
  });
});

describe('what kudurru officer writes, on a ledger', () => {
  it('founds the Consortium, and its two signatures carry out an act there', async () => {
    const { ethers } = await network.create();
    const founding = parseFounding(textOf('founding.json'));
    const [founder] = await ethers.getSigners();
    const charter = await ethers.deployContract('Charter', [[SEALER], founder]);
    const council = await ethers.deployContract('Council', [charter]);
    const safeguards = await ethers.deployContract('Safeguards', [charter, word(0x4e), ZERO]);
    const parts = [charter, ZERO, council, safeguards] as const;
    const consortium = await ethers.deployContract('Consortium', [
      ...parts,
      ...[foundingStruct(founding, {}, SEALER), foundingPossessions(founding)],
    ]);
    expect(await consortium.getFunction('isSeated')()).to.equal(true);
    const record = await consortium.getFunction('officerOf')(idOf('otto'));
    expect(record.standing.roles).to.equal(2n ** BigInt(ROLES.length) - 1n);

    const personnel = await ethers.deployContract('Personnel', [charter, founding.ledgerNonce, ZERO]);
    await charter.getFunction('setRegister')(ethers.id('Personnel'), personnel);
    await charter.getFunction('setAuthority')(consortium);

    const { chainId } = await ethers.provider.getNetwork();
    const act = appointment(await personnel.getAddress(), chainId);
    writeAct('act.json', act);
    const signed = ['mara', 'noor'].map((name) => {
      const approving = name === 'noor' ? ['--approve'] : [];
      const result = run(
        'officer',
        'sign',
        'act.json',
        '--key',
        name,
        '--yes',
        '--unchecked',
        '--json',
        ...approving,
      );
      expect(result.code, result.stderr).to.equal(0);
      return JSON.parse(result.stdout);
    });
    const [preparer, approver] = signed;
    expect(preparer).to.include({ part: 'preparer', signer: idOf('mara') });
    expect(approver).to.deep.include({
      ...{ part: 'approver', signer: idOf('noor') },
      approval: { approverEpoch: 1, deadline: 4_102_444_800 },
    });
    for (const one of signed) requireDescribed(one);
    const approval = { approver: approver.signer, ...approver.approval };
    const domain = registerDomain(
      'consortium',
      { chainId: Number(chainId), ledgerNonce: ledgerNonce() },
      (await consortium.getAddress()).toLowerCase() as Address,
    );
    await personnel.getFunction('appointOfficer' as string)(act.message, possessionsOf(newcomer, domain), {
      preparer: preparer.signature,
      approval,
      approver: approver.signature,
    });
    const kept = await consortium.getFunction('officerOf')(newcomer.officer);
    expect(kept.places[1].keyHash).to.equal(appointmentData.spare.keyHash);
  });

  it('founds with as many officers, institutions and policies as a file may hold', async () => {
    const { ethers } = await network.create();
    const roles = ['admin-preparer', 'admin-approver', 'vote'];
    const random = (number: number) => `0x${(number + 1).toString(16).padStart(64, '0')}` as Bytes32;
    const nonce = random(0x4e);
    const text = JSON.stringify({
      format: 'kudurru-founding-1',
      ledgerNonce: nonce,
      quorum: 3,
      wideningWaitSeconds: 604_800,
      appointmentWaitSeconds: 86_400,
      institutions: Array.from({ length: 4 }, (_, i) => ({ institution: 1 + 5 * i, roles })),
      offices: Array.from({ length: 16 }, (_, i) => ({ office: 1 + i, keeper: 1 + 5 * (i % 4) })),
      officers: Array.from({ length: 12 }, (_, i) => {
        const one = officerOf(1 + 5 * Math.floor(i / 3), `officer ${i}`);
        const { format: _format, ...fields } = officerRecordJson(
          foundingOfficerOf(one, nonce, { roles: roles as Role[] }),
        ) as { format: string };
        return fields;
      }),
      verifiers: [],
      policies: Array.from({ length: 16 }, (_, i) => ({ name: random(i), value: '1' })),
      validators: Array.from({ length: 16 }, (_, i) => ({
        validator: sealer(i),
        institution: 1 + 5 * (i % 4),
      })),
    });
    const founding = parseFounding(text);
    expect(JSON.parse(writeFounding(founding))).to.deep.equal(JSON.parse(text));
    const sealers = founding.validators.map(({ validator }) => validator);
    const charter = await ethers.deployContract('Charter', [sealers, sealer(0)]);
    const council = await ethers.deployContract('Council', [charter]);
    const safeguards = await ethers.deployContract('Safeguards', [charter, word(0x4e), ZERO]);
    const factory = await ethers.getContractFactory('Consortium' as string);
    const consortium = await factory.deploy(
      charter,
      ZERO,
      council,
      safeguards,
      foundingStruct(founding, {}, SEALER),
      foundingPossessions(founding),
      {
        gasLimit: 16_777_216,
      },
    );
    const gasUsed = (await consortium.deploymentTransaction()?.wait())?.gasUsed ?? 0n;
    console.log(`      gas of the largest founding: ${gasUsed} of 16777216 (osaka)`);
    const read = await consortium.getFunction('founding')();
    expect(read.officers).to.have.length(12);
    expect(read.policies).to.have.length(16);
  });
});

describe('kudurru officer sign', () => {
  const personnel = `0x${'c0'.repeat(20)}`;
  const act = () => appointment(personnel, 31_337n);
  /** What the trust file does not say was compared by eye, but where a test says otherwise. */
  const compared = (file: string, ...args: string[]) => run('officer', 'sign', file, '--yes', ...args);
  const sign = (file: string, ...args: string[]) => compared(file, '--unchecked', ...args);

  it('shows every field in words before it signs', () => {
    writeAct('plain.json', act());
    const { code, stderr, stdout } = sign('plain.json', '--key', 'mara');
    expect(code).to.equal(0);
    for (const line of [
      `AppointOfficer, entry ${digestOf(act())}`,
      `for Kudurru Personnel version 1 at ${personnel} on ledger 31337 with nonce ${act().domain.salt}`,
      `    preparer: ${idOf('mara')}`,
      '    deadline: 1 January 2100, 00:00 UTC (4102444800)',
      '    not before: none (0)',
      '    salt: 77',
      '    roles: land-preparer, land-approver (bits 3)',
      '    office: every office (0)',
      '      kind: secp256k1 (1)',
      '    spare:',
      `NOT CHECKED: that this is your ledger, and that Kudurru Personnel is at ${personnel} there. Pass --trust.`,
    ]) {
      expect(stderr.split('\n'), line).to.include(line);
    }
    expect(Object.keys(JSON.parse(stdout))).to.deep.equal(['part', 'signer', 'signature']);
  });

  it('shows what the gateway tells beside an act as its word, and signs nothing of it', () => {
    const fields = { move: 1n, amountMinor: 120_000n, movedBeforeMinor: 0n, sourceCommitment: word(0) };
    const funds = ofBenefits('MoveFunds', fields, `0x${'e0'.repeat(20)}`, 31_337n);
    writeAct('funds.json', funds);
    const prepared = JSON.parse(textOf('funds.json'));
    const alone = sign('funds.json', '--key', 'mara');
    const answered = { id: digestOf(funds), prepared, beside: { currency: 404 } };
    fs.writeFileSync(inFolder('answered.json'), JSON.stringify(answered));
    const told = sign('answered.json', '--key', 'mara');
    expect([told.code, told.stdout], told.stderr).to.deep.equal([0, alone.stdout]);
    expect(told.stderr).to.match(
      /^Adds 120,000 minor units of its currency \(by the gateway's record KES 1,200\.00\) to the money of programme .*, from a source that is not named\.\n/,
    );
    expect(alone.stderr).to.match(/^Adds 120,000 minor units of its currency to the money of programme/);
    const line = /By the gateway's record, which nobody signs: .* 120,000 minor units are KES 1,200\.00\./;
    expect(told.stderr).to.match(line);
    expect(alone.stderr).not.to.match(line);
    fs.writeFileSync(inFolder('bent.json'), JSON.stringify({ ...answered, beside: { currency: 'KES' } }));
    const bent = sign('bent.json', '--key', 'mara', '--json');
    expect(JSON.parse(bent.stdout).code).to.equal('act-file-malformed');
  });

  it('signs for the officer the key belongs to, and for no other', () => {
    writeAct('approved.json', act(), idOf('noor'));
    const tries: [string[], string][] = [
      [['plain.json', '--key', 'noor'], 'officer-differs'],
      [['plain.json', '--key', 'mara', '--approve'], 'second-person-required'],
      [['approved.json', '--key', 'otto', '--approve'], 'officer-differs'],
    ];
    for (const [[file = '', ...args], code] of tries) {
      const result = sign(file, ...args, '--json');
      expect(result.code).to.equal(1);
      expect(JSON.parse(result.stdout).code).to.equal(code);
    }
    const approved = JSON.parse(sign('approved.json', '--key', 'noor', '--approve').stdout);
    expect(approved.approval).to.deep.equal({ approverEpoch: 1, deadline: 4_102_444_000 });
    expect(sign('plain.json', '--key', 'noor', '--approve', '--epoch', '3').stdout).to.include(
      '"approverEpoch":3',
    );
  });

  it('refuses a file that says something else than its id', () => {
    for (const [what, edit, code] of [
      ['another role', (text: string) => text.replace('"roles":"3"', '"roles":"7"'), 'act-id-differs'],
      ['another ledger', (text: string) => text.replaceAll('"31337"', '"31338"'), 'act-id-differs'],
      ['another id', (text: string) => text.replace(digestOf(act()), word(1)), 'act-id-differs'],
      [
        'another type',
        (text: string) => text.replaceAll('"roles","type":"uint32"', '"roles","type":"uint64"'),
        'act-type-unknown',
      ],
    ] as const) {
      const text = edit(textOf('plain.json'));
      expect(text, what).to.not.equal(textOf('plain.json'));
      fs.writeFileSync(inFolder('bent.json'), text);
      const result = sign('bent.json', '--key', 'mara', '--json');
      expect(result.code, what).to.equal(1);
      expect(JSON.parse(result.stdout).code, what).to.equal(code);
    }
  });

  it('compares ledger and register with a trust file', () => {
    const contract = (byte: string) => ({ address: `0x${byte.repeat(20)}`, codeHash: word(1) });
    const trust = {
      format: 'kudurru-trust-1',
      genesisHash: word(3),
      chainId: 31_337,
      ledgerNonce: ledgerNonce(),
      lineage: 'embedded',
      nodeKey: `0x${'44'.repeat(20)}`,
      witnessKeys: [],
      witnessThreshold: 0,
      contracts: {
        charter: contract('b0'),
        consortium: contract('c0'),
        landRegistry: contract('d0'),
        benefitLedger: contract('e0'),
      },
      minimumCheckpoint: { blockNumber: 0, blockHash: word(3) },
    };
    const written = (name: string, change: object) => {
      fs.writeFileSync(inFolder(name), JSON.stringify({ ...trust, ...change }));
      return ['--trust', name];
    };
    writeAct('pause.json', programmePause(`0x${'e0'.repeat(20)}`, 31_337n));
    const right = compared('pause.json', '--key', 'mara', ...written('trust.json', {}));
    expect(right.code, right.stderr).to.equal(0);
    expect(right.stderr).to.include('Ledger and register are those of the trust file.');
    for (const known of [[], written('trust.json', {})]) {
      const unlisted = compared('plain.json', '--key', 'mara', '--json', ...known);
      expect([unlisted.code, JSON.parse(unlisted.stdout).code]).to.deep.equal([1, 'register-unchecked']);
      expect(unlisted.stderr).to.include(`Kudurru Personnel is at ${personnel}`);
    }
    const byEye = sign('plain.json', '--key', 'mara', ...written('trust.json', {}));
    expect([byEye.code, byEye.stderr.includes('compare the address with')]).to.deep.equal([0, true]);
    const elsewhere = { contracts: { ...trust.contracts, benefitLedger: contract('e1') } };
    for (const change of [{ chainId: 31_338 }, { ledgerNonce: word(0x4f) }, elsewhere]) {
      const wrong = sign('pause.json', '--key', 'mara', '--json', ...written('wrong.json', change));
      expect(wrong.code).to.equal(1);
      expect(JSON.parse(wrong.stdout).code).to.equal('act-of-another-ledger');
    }
  });

  it('refuses an act whose commitments nobody opened, unless the officer knows them', () => {
    writeAct('hidden.json', appointment(personnel, 31_337n, { sourcesRoot: word(0x12) }));
    const refused = sign('hidden.json', '--key', 'mara', '--json');
    expect(JSON.parse(refused.stdout).code).to.equal('commitment-unopened');
    expect(refused.stderr).to.include('NOT OPENED: /head/sourcesRoot');
    expect(sign('hidden.json', '--key', 'mara', '--unopened').code).to.equal(0);
  });

  it('writes the signature to a file of its own', () => {
    const printed = sign('plain.json', '--key', 'mara').stdout;
    expect(sign('plain.json', '--key', 'mara', '--out', 'signature.json').code).to.equal(0);
    expect(textOf('signature.json')).to.equal(printed);
    expect(sign('plain.json', '--key', 'mara', '--out', 'signature.json').code).to.equal(2);
  });

  it('printed no byte of a secret in all of this, in hex or in base64', () => {
    const secrets = searchForSecrets(inFolder('ring'), PASSPHRASE, printed.join('\n'));
    expect(secrets).to.deep.equal({ secrets: 16, leaked: 0 });
    expect(printed.length).to.be.greaterThan(60);
    expect(
      searchForSecrets(inFolder('ring'), PASSPHRASE, revealed(inFolder('ring'), PASSPHRASE)).leaked,
    ).to.be.greaterThan(5);
  });

  it('asks on a terminal, and signs for yes alone', async function () {
    const asked = kudurru(['officer', 'sign', 'plain.json', '--unchecked', '--key', 'mara'], ENV, folder);
    expect(asked).to.include({ code: 2, stdout: '' });
    needs(this, 'the command `script`, which gives a terminal,', hasTerminal);
    const args = ['officer', 'sign', 'plain.json', '--unchecked', '--key', 'mara', '--keys', 'ring'];
    const answering = (typed: string) => ({ 'Passphrase: ': PASSPHRASE, 'Type yes: ': typed });
    const yes = await onTerminal(args, answering('yes'), folder);
    expect(yes.code, yes.stdout).to.equal(0);
    expect(yes.stdout).to.include('"signature":"0x');
    for (const no of ['no', 'y', '']) {
      const declined = await onTerminal(args, answering(no), folder);
      expect(declined.code).to.equal(1);
      expect(declined.stdout).to.not.include('"signature"');
    }
  });
});
