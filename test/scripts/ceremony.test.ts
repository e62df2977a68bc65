/** How a network begins: keys, the files of each node, and what members sign, by the commands of the ceremony. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { createKeyring, type Keyring } from '../../scripts/keyring.ts';
import { membersIn, type Validator, validatorOf, writeMembers } from '../../scripts/members.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import { fingerprint, readSignedTrust, writeTrust } from '../../server/domain/audit/trust.ts';
import { type Address, type Bytes32, ZERO_32 } from '../../server/domain/base/hex.ts';
import { type InstitutionId, type OfficeId, ROLES } from '../../server/domain/base/terms.ts';
import type { Founding, FoundingKey, FoundingOfficer } from '../../server/domain/power/founding.ts';
import { writeFounding } from '../../server/domain/power/foundingFile.ts';
import {
  FIRST_EPOCHS,
  foundingDomain,
  keyHashOfAddress,
  possessionData,
} from '../../server/domain/power/possession.ts';
import { trustDigest } from '../../server/domain/power/trustSignature.ts';
import { recordedTrust } from '../chain/recordedTrust.ts';
import { ENVIRONMENT } from '../gateway/environment.ts';
import { kudurruBeside } from '../gateway/kudurru.ts';
import { removeTemporaryFolders, temporaryFolder } from '../server/store/folder.ts';
import { foundingWith } from './foundingWith.ts';

/** Of Besu's own options, those that a validator of ours is started with; a name that it does not know stops it. */
const OPTIONS = [
  ...['p2p-host', 'p2p-port', 'genesis-file', 'data-path', 'node-private-key-file', 'discovery-enabled'],
  ...['nat-method', 'static-nodes-file', 'max-peers', 'sync-mode', 'sync-min-peers', 'data-storage-format'],
  ...['permissions-nodes-config-file-enabled', 'permissions-nodes-config-file'],
  ...['permissions-accounts-config-file-enabled', 'permissions-accounts-config-file'],
  ...['bonsai-historical-block-limit', 'bonsai-limit-trie-logs-enabled', 'min-gas-price'],
  ...['rpc-http-enabled', 'rpc-http-host', 'rpc-http-port', 'rpc-http-api', 'host-allowlist'],
  ...['metrics-enabled', 'metrics-host', 'metrics-port', 'logging'],
];
/** Of what Besu tells a monitor: two names of EIP-2159, one of its own, and whether it answers. */
const BESU_SERIES = [
  'up',
  'ethereum_peer_count',
  'ethereum_blockchain_height',
  'besu_blockchain_chain_head_timestamp',
];
const ROOT = path.resolve(import.meta.dirname, '../..');
const OPTION_LINE = /^[a-z0-9-]+=(?:"[^"]*"|\d+|true|false|\["[^"]*"(?:,"[^"]*")*\])$/;

describe('a network before it runs', function () {
  this.timeout(480_000);
  after(removeTemporaryFolders);

  it('makes a key on the machine that validates, for its owner alone, over no other, and warns of a second', async () => {
    const folder = temporaryFolder();
    const make = (name: string, ...more: readonly string[]) =>
      kudurruBeside([
        ...['network', 'key', '--institution', '2', '--host', '10.0.0.2', '--out', path.join(folder, name)],
        ...more,
      ]);
    const first = await make('one/key', '--json');
    expect([first.code, first.stderr]).to.deep.equal([0, '']);
    const file = path.join(folder, 'one/key');
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    const key = readFileSync(file, 'utf8');
    const record = JSON.parse(first.stdout) as Validator;
    expect(record).to.deep.equal(validatorOf(Buffer.from(key.trim().slice(2), 'hex'), 2, '10.0.0.2', 30_303));
    expect(`${first.stdout}${first.stderr}`).not.to.include(key.trim().slice(2));
    const again = await make('one/key');
    expect([again.code, again.stdout, readFileSync(file, 'utf8')]).to.deep.equal([2, '', key]);
    const second = await make('two/key', '--port', '30304');
    expect(second.code).to.equal(0);
    expect(second.stderr).to.include('THIS MACHINE HAS ANOTHER KEY OF A VALIDATOR').and.include(file);
    expect(second.stdout).to.match(/^enode:\/\/[0-9a-f]{128}@10\.0\.0\.2:30304$/m);
  });

  it('reads no members file with a key in it, with an address of another key, or with one twice', () => {
    const file = path.join(temporaryFolder(), 'members.json');
    const [one, other] = [
      validatorOf(randomBytes(32), 1, '10.0.0.1', 1),
      validatorOf(randomBytes(32), 2, '10.0.0.2', 1),
    ];
    const reading = (validators: readonly object[], accounts: readonly string[] = []) => {
      writeFileSync(file, JSON.stringify({ format: 'kudurru-members-1', validators, accounts }));
      return () => membersIn(file);
    };
    expect(reading([one, other])()).to.deep.equal({ validators: [one, other], accounts: [] });
    for (const [validators, place] of [
      [[one, { ...other, key: `0x${'11'.repeat(32)}` }], '/validators/1'],
      [[{ ...one, validator: other.validator }], '/validators/0/validator'],
      [[{ ...one, enode: one.enode.replace('10.0.0.1', 'node.example') }], '/validators/0/enode'],
      [[{ ...one, enode: one.enode.replace('10.0.0.1', '10.0.0.256') }], '/validators/0/enode'],
      [[{ ...one, institution: 0 }], '/validators/0/institution'],
      [[one, other, one], '/validators/2/validator'],
    ] as const) {
      expect(reading(validators), place).to.throw(`at ${place}.`);
    }
    expect(reading([one], [one.validator, one.validator])).to.throw('at /accounts/1.');
  });

  it('makes the files of each validator’s node, of one source, with options that Besu knows and no key', async () => {
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    const keys = [1, 2, 3, 4].map(() => randomBytes(32));
    const validators = keys.map((key, i) => validatorOf(key, i + 1, `10.0.0.${i + 1}`, 30_303));
    const records = validators.map((one, i) => {
      writeFileSync(at(`record${i}`), JSON.stringify(one));
      return at(`record${i}`);
    });
    const listed = await kudurruBeside(['network', 'members', ...records, '--out', at('members.json')]);
    expect(listed.code, listed.stderr).to.equal(0);
    writeFileSync(at('founding.json'), writeFounding(foundingWith(validators.map((one) => one.validator))));
    const founder = `0x${'f0'.repeat(20)}`;
    const asked = ['--founding', at('founding.json'), '--founder', founder];
    const init = (...more: readonly string[]) => kudurruBeside(['network', 'init', ...asked, ...more]);
    const made = await init('--members', at('members.json'), '--out', at('net'));
    expect([made.code, made.stderr]).to.deep.equal([0, '']);
    const whole = readFileSync(at('net/genesis.json'), 'utf8');
    const folders = readdirSync(at('net')).filter((name) => name !== 'genesis.json');
    expect(folders).to.have.length(4);
    for (const [i, one] of validators.entries()) {
      const name = folders.find((each) => each.endsWith(one.validator.slice(2, 10))) ?? '';
      const read = (file: string) => readFileSync(at(`net/${name}/${file}`), 'utf8');
      expect(name).to.match(new RegExp(`^institution-${i + 1}-`));
      expect(read('genesis.json')).to.equal(whole);
      const others = validators.filter((each) => each !== one).map(({ enode }) => enode);
      expect(JSON.parse(read('static-nodes.json'))).to.deep.equal(others);
      const options = read('config.toml')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'));
      for (const line of options) expect(line).to.match(OPTION_LINE);
      expect(options.map((line) => line.split('=')[0]).toSorted()).to.deep.equal(OPTIONS.toSorted());
      expect(options).to.include(`p2p-host="10.0.0.${i + 1}"`);
      const permissions = read('permissions.toml');
      for (const { enode } of validators) expect(permissions).to.include(`"${enode}"`);
      expect(permissions).to.include(`accounts-allowlist=[\n  "${founder}"\n]`);
      for (const file of readdirSync(at(`net/${name}`))) {
        for (const key of keys) expect(read(file), file).not.to.include(key.toString('hex'));
      }
    }
    expect((await init('--members', at('members.json'), '--out', at('net'))).code, 'there already').to.equal(
      2,
    );
    const swapped = { validators: validators.toReversed(), accounts: [] };
    writeFileSync(at('swapped.json'), writeMembers(swapped));
    const differs = await init('--members', at('swapped.json'), '--out', at('other'));
    expect(differs.code).to.equal(2);
    expect(differs.stderr).to.include('different validators, or in another order');
    // Who joined, and who sends: the genesis stays.
    const fifth = validatorOf(randomBytes(32), 4, '10.0.0.4', 30_304);
    writeFileSync(
      at('five.json'),
      writeMembers({ validators: [...validators, fifth], accounts: [fifth.validator] }),
    );
    const files = ['--members', at('five.json'), '--genesis', at('net/genesis.json'), '--out', at('later')];
    const later = await kudurruBeside(['network', 'nodes', ...files]);
    expect(later.code).to.equal(0);
    expect(later.stderr).to.include('SEVERAL VALIDATORS ON ONE MACHINE: 10.0.0.4');
    const [first = ''] = readdirSync(at('later'));
    expect(readFileSync(at(`later/${first}/genesis.json`), 'utf8')).to.equal(whole);
    expect(readFileSync(at(`later/${first}/permissions.toml`), 'utf8'))
      .to.include(fifth.enode)
      .and.include(`accounts-allowlist=[\n  "${fifth.validator}"\n]`);
  });

  it('has each member sign the trust file it computed, says who did not, and takes no signature of another file', async () => {
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    const env = { KUDURRU_PASSPHRASE: 'seven lamps and a barge' };
    const rings = path.join(folder, 'keys');
    mkdirSync(rings, { mode: 0o700 });
    const ring = createKeyring(rings, env.KUDURRU_PASSPHRASE, { logN: 10 });
    const file = foundingWith([1, 2, 3, 4].map((n) => `0x${`${n}`.repeat(40)}` as Address));
    const voters = [1, 2].map((n) => voterOf(ring, `voter-${n}`, n as InstitutionId, file.ledgerNonce));
    const others = file.officers.filter((one, i) => i % 3 > 0 || one.institution > 2);
    writeFileSync(at('founding.json'), writeFounding({ ...file, officers: [...voters, ...others] }));
    const trust = { ...recordedTrust('osaka'), ledgerNonce: file.ledgerNonce };
    writeFileSync(at('trust.json'), writeTrust(trust));
    writeFileSync(at('other.json'), writeTrust({ ...trust, chainId: trust.chainId + 1 }));
    const founded = ['--founding', at('founding.json'), '--json'];
    const sign = (of: string, key: string, out: string) =>
      kudurruBeside(
        [
          'network',
          'sign',
          '--trust',
          at(of),
          ...founded,
          '--keys',
          rings,
          '--key',
          key,
          '--yes',
          '--out',
          at(out),
        ],
        env,
      );
    const signed = await sign('trust.json', 'voter-1', 'one.json');
    expect(signed.code, signed.stderr).to.equal(0);
    expect(JSON.parse(signed.stdout)).to.deep.include({ institution: 1, fingerprint: fingerprint(trust) });
    expect((await sign('trust.json', 'voter-2', 'two.json')).code).to.equal(0);
    expect((await sign('other.json', 'voter-2', 'bent.json')).code).to.equal(0);
    ring.create('stranger', 'officer');
    const strange = await sign('trust.json', 'stranger', 'strange.json');
    expect([strange.code, existsSync(at('strange.json'))]).to.deep.equal([2, false]);
    const collect = (...more: readonly string[]) =>
      kudurruBeside(['network', 'signatures', '--trust', at('trust.json'), ...founded, ...more]);
    const all = await collect('--with', at('one.json'), '--with', at('two.json'), '--out', at('all.json'));
    expect(JSON.parse(all.stdout)).to.deep.equal({
      ...{ fingerprint: fingerprint(trust), signed: [1, 2], missing: [3, 4], strange: [] },
    });
    expect(all.code, 'two have not signed').to.equal(1);
    const whole = readSignedTrust(readFileSync(at('all.json'), 'utf8'));
    expect([whole.trust, whole.signatures.map(({ institution }) => institution)]).to.deep.equal([
      trust,
      [1, 2],
    ]);
    const parted = await collect(
      '--with',
      at('one.json'),
      '--with',
      at('bent.json'),
      '--out',
      at('never.json'),
    );
    expect([parted.code, existsSync(at('never.json'))]).to.deep.equal([2, false]);
    expect(parted.stdout).to.include('is another trust file').and.include(fingerprint(trust));
    // A signature that was made over another fingerprint, or in another's name, counts for nothing.
    const [ofOther] = readSignedTrust(readFileSync(at('bent.json'), 'utf8')).signatures;
    const [own] = whole.signatures;
    const bent = [ofOther, own && { ...own, institution: 3 }].filter((one) => one !== undefined);
    writeFileSync(at('trust.json'), writeTrust(trust, bent));
    const told = JSON.parse((await collect()).stdout);
    expect([told.signed, told.strange.length]).to.deep.equal([[], 2]);
  });

  it('goes through the ceremony as docs/operating.md types it, as far as it needs no node', async () => {
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    const page = readFileSync(path.join(ROOT, 'docs/operating.md'), 'utf8');
    const [section = ''] = /^### The ceremony\n.*?^### Where it does not start$/ms.exec(page) ?? [];
    const blocks = [...section.matchAll(/^ *```\n(.*?)^ *```$/gms)].map(([, block = '']) => block);
    const typed = (words: string) => {
      const block = blocks.find((one) => one.includes(words)) ?? '';
      expect(block, words).not.to.equal('');
      const said = block
        .replaceAll('0x...', `0x${'f0'.repeat(20)}`)
        .replace('--keys KEYS --key NAME', '--keys keys --key voter-2');
      const npm = `npm() { shift 4; "${process.execPath}" "${path.join(ROOT, 'scripts/kudurru.ts')}" "$@"; }`;
      const env = { ...ENVIRONMENT, KUDURRU_PASSPHRASE: 'seven lamps and a barge' };
      const ran = spawnSync(
        'bash',
        ['-eu', '-c', `${npm}\n${said.replaceAll('--out trust-2.json', '--out trust-2.json --yes')}`],
        { cwd: folder, env, encoding: 'utf8' },
      );
      expect(ran.status, `${words}\n${ran.stdout}${ran.stderr}`).to.equal(0);
      return ran.stdout;
    };
    for (const n of [1, 3, 4]) {
      const record = validatorOf(randomBytes(32), n === 4 ? 2 : 1, `10.0.0.${n}`, 30_303);
      writeFileSync(at(`validator-${n}.json`), JSON.stringify(record));
    }
    expect(typed('network key')).to.match(/^written members.json: 4 validators, 0 accounts$/m);
    mkdirSync(at('keys'), { mode: 0o700 });
    const ring = createKeyring(at('keys'), 'seven lamps and a barge', { logN: 10 });
    const two = foundingWith([]);
    const isOfTwo = ({ institution }: { institution: number }) => institution < 3;
    const voters = ([1, 2] as InstitutionId[]).map((n) => voterOf(ring, `voter-${n}`, n, two.ledgerNonce));
    const file: Founding = {
      ...two,
      institutions: two.institutions.filter(isOfTwo),
      officers: [...voters, ...two.officers.filter((one, i) => i % 3 > 0 && isOfTwo(one))],
      validators: membersIn(at('members.json')).validators.map(({ validator, institution }) => ({
        validator,
        institution: institution as InstitutionId,
      })),
      quorum: 2,
    };
    writeFileSync(at('founding.json'), writeFounding(file));
    expect(typed('network init').match(/^NOTHING AGAINST IT$/gm)).to.have.length(2);
    expect(readdirSync(at('network'))).to.have.length(5);
    expect(typed('network nodes').match(/^written nodes-2\/institution-/gm)).to.have.length(4);
    const trust = { ...recordedTrust('osaka'), ledgerNonce: file.ledgerNonce };
    writeFileSync(at('trust.json'), writeTrust(trust));
    const { institution, officer } = voters[0] as FoundingOfficer;
    const signature = ring.signDigest('voter-1', trustDigest(trust, institution, officer));
    writeFileSync(at('trust-1.json'), writeTrust(trust, [{ institution, officer, signature }]));
    expect(typed('network sign ')).to.match(/^signed: institution 1\nsigned: institution 2$/m);
    expect(readSignedTrust(readFileSync(at('signed.json'), 'utf8')).signatures).to.have.length(2);
  });

  it('has an alarm for a node in the page for each rule, and asks Besu for what it says', () => {
    const rules = readFileSync(path.join(ROOT, 'deploy/prometheus/node.rules.yml'), 'utf8');
    const page = readFileSync(path.join(ROOT, 'docs/operating.md'), 'utf8');
    const alarms = [...rules.matchAll(/- alert: (\w+)\n\s+expr: (.+)\n/g)];
    expect(alarms).to.have.length(5);
    for (const [, name, expr = ''] of alarms) {
      expect(page, 'what to do about it').to.include(`\n| \`${name}\` | `);
      for (const [, series = ''] of expr.matchAll(/(\w+)\{job="kudurru-node"\}/g))
        expect(BESU_SERIES).to.include(series);
      expect(expr).to.match(/\{job="kudurru-node"\}/);
    }
  });
});

/** An officer whose two keys are in the ring. */
function voterOf(
  ring: Keyring,
  name: string,
  institution: InstitutionId,
  ledgerNonce: Bytes32,
): FoundingOfficer {
  const first = ring.create(name, 'officer');
  if (first.kind !== 'officer') throw new Error('an officer’s key');
  const spare = ring.create(`${name}-spare`, 'officer', first.officer);
  const keyOf = (which: string, address: Address, epoch: number): FoundingKey => {
    const keyHash = keyHashOfAddress(address);
    const possession = { officerId: first.officer, keyHash, epoch, institution };
    const digest = digestOf(possessionData(foundingDomain(ledgerNonce), possession));
    return { kind: 'secp256k1', keyHash, rpIdHash: ZERO_32, possession: ring.signDigest(which, digest) };
  };
  return {
    ...{ officer: first.officer, salt: first.salt, institution, office: 0 as OfficeId, roles: ROLES },
    key: keyOf(name, first.address, FIRST_EPOCHS.key),
    spare: keyOf(
      `${name}-spare`,
      spare.kind === 'officer' ? spare.address : first.address,
      FIRST_EPOCHS.spare,
    ),
  };
}
