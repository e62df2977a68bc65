/** `officer sign` of what the register would not take, or what the trust file does not speak of: told, and not signed. */
import { expect } from 'chai';
import { registerDomain } from '../../server/domain/acts/domains.ts';
import { commitFacts } from '../../server/domain/acts/facts.ts';
import { type TypedStruct, typesOf } from '../../server/domain/acts/typedData.ts';
import { fingerprint, readTrust } from '../../server/domain/audit/trust.ts';
import { idInOffice } from '../../server/domain/base/terms.ts';
import { POWER_TYPES } from '../../server/domain/power/acts.ts';
import { readActFile, writeActFile } from '../../server/domain/signer/actFile.ts';
import { kudurru, type Ran } from '../gateway/kudurru.ts';
import { fact, head, land, state, word } from '../server/domain/acts/signedActs.ts';
import { address, HolderFolder, LEDGER } from './holderFolder.ts';

const ENV = { KUDURRU_PASSPHRASE: 'nine ladders and a kiln', KUDURRU_KEYS: 'no-ring' };

describe('an officer who signs', () => {
  const folder = new HolderFolder();
  after(() => folder.remove());

  /** With no key ring: whatever is refused is refused before a key is asked for. */
  function sign(file: string, ...more: string[]): Ran & { readonly refused: string } {
    const args = [
      'officer',
      'sign',
      file,
      '--key',
      'mara',
      '--trust',
      'trust.json',
      '--yes',
      '--unopened',
      '--json',
    ];
    const ran = kudurru([...args, '--out', 'signed.json', ...more], ENV, folder.file('.'));
    return Object.assign(ran, { refused: JSON.parse(ran.stdout).code as string });
  }

  it('is told whose consent the register will ask and the file does not, and signs nothing', () => {
    folder.writeSale('sale.json', word(0x21));
    expect(sign('sale.json').refused).to.equal('keyring-missing');
    const bend = (
      name: string,
      change: (file: { consents: { typedData: { message: object } }[] }) => void,
    ) => {
      const file = folder.json<{ consents: { typedData: { message: object } }[] }>('sale.json');
      change(file);
      folder.write(name, JSON.stringify(file));
    };
    bend('removed.json', (file) => file.consents.pop());
    const removed = sign('removed.json');
    expect([removed.code, removed.refused]).to.deep.equal([1, 'consents-amiss']);
    expect(removed.stderr).to.match(
      /CONSENT: The consent of holding 2 \(the whole of right 1\) of unit 0x\w+\.\.\.4141 is missing; it is given as its holder\./,
    );
    for (const [field, value, said] of [
      ['role', '2', /is given in another role: for whoever holds it, and not as its holder\./],
      ['subject', '3', /is missing;.*\n.*CONSENT: A consent of number 3, which is no holding/],
    ] as const) {
      bend('bent.json', ({ consents: [one] }) =>
        Object.assign(one?.typedData.message ?? {}, { [field]: value }),
      );
      const bent = sign('bent.json');
      expect([bent.refused, said.test(bent.stderr)], bent.stderr).to.deep.equal(['consents-amiss', true]);
    }
    expect(folder.has('signed.json')).to.equal(false);
  });

  it('is told each rule by which the register would refuse the act, whatever its sentence says, and signs nothing', () => {
    folder.writeSale('whole.json', word(0x21));
    const { act, consents, openings } = readActFile(folder.text('whole.json'));
    const opens = openings.flatMap(({ state }) => (state === undefined ? [] : [{ state }]));
    const [head, next] = [act.message.head as TypedStruct, act.message.next as TypedStruct];
    const bends: readonly (readonly [fields: TypedStruct, code: string])[] = [
      [{ next: { ...next, standing: 1n } }, '/next/standing'],
      [{ next: { ...next, expiresOn: 2n ** 40n } }, '/next/expiresOn'],
      [{ next: { ...next, denominator: 2n } }, '/next'],
      [{ head: { ...head, office: 2n } }, '/head/office'],
    ];
    for (const [fields, place] of bends) {
      const bent = { ...act, message: { ...act.message, ...fields } };
      const file = writeActFile({ act: bent, items: [], approval: undefined, consents: [], opens });
      folder.write('broken.json', JSON.stringify(file));
      const { refused, stderr } = sign('broken.json');
      expect([refused, stderr.includes(`At ${place}`)], `${place}: ${stderr}`).to.deep.equal([
        'rules-broken',
        true,
      ]);
    }
    expect(consents.length).to.be.greaterThan(0);
    const over = { ...act, message: { ...act.message, head: { ...head, deadline: 1_700_000_000n } } };
    const file = writeActFile({ act: over, items: [], approval: undefined, consents: [], opens });
    folder.write('over.json', JSON.stringify(file));
    const late = sign('over.json');
    expect([
      late.refused,
      /LATE: By this machine's clock, .* until 14 November 2023, /.test(late.stderr),
    ]).to.deep.equal(['act-expired', true]);
    expect(sign('over.json', '--late').refused).to.equal('consents-amiss');
  });

  it('is told that the number she reads has the ground of another parcel, and signs nothing', () => {
    const ground = commitFacts([fact('boundary', '{}', 1), fact('number', 'A/1', 2)]);
    const facts = commitFacts([fact('parcel/area-mm2', '1', 3), fact('parcel/number', 'B/7', 4)]);
    const office = Number(head.office);
    const spatialUnits = [{ id: idInOffice(office, word(0x31)), geometryCommitment: ground.root }];
    const baUnit = idInOffice(office, word(0x41));
    const made = { baUnit, state: { ...state, spatialUnits, factsRoot: facts.root } };
    const act = land('RegisterTitle', { head, title: made });
    const file = writeActFile({ act, items: [], approval: undefined, consents: [], opens: [ground, facts] });
    folder.write('title.json', JSON.stringify(file));
    const { refused, stderr } = sign('title.json', '--unchecked');
    expect(refused, stderr).to.equal('ground-differs');
    expect(stderr).to.include('GROUND: Parcel "B/7" has the ground that was surveyed as "A/1".');
  });

  it('is told which address nothing trusted names, and signs for it only when she says that she compared it', () => {
    const personnel = address(0xc0);
    const order = { officer: word(0x11), suspectSince: 0n, caseReference: word(0), epoch: 1n };
    const domain = registerDomain('personnel', LEDGER, personnel);
    const types = typesOf(POWER_TYPES, 'Resignation');
    const act = { domain, types, primaryType: 'Resignation', message: order };
    const file = writeActFile({ act, items: [], approval: undefined, consents: [], opens: [] });
    folder.write('resigning.json', JSON.stringify(file));
    const unlisted = sign('resigning.json');
    expect(unlisted.refused).to.equal('register-unchecked');
    expect(unlisted.stderr).to.include(`NOT CHECKED: that Kudurru Personnel is at ${personnel}.`);
    expect(unlisted.stderr).to.include('`kudurru audit --trust FILE` says');
    expect(sign('resigning.json', '--unchecked').refused).to.equal('keyring-missing');
    const trust = fingerprint(readTrust(folder.text('trust.json')));
    const audited = (more: object) => {
      const registers = [{ register: 'personnel', name: domain.name, address: personnel }];
      folder.write('audit.json', JSON.stringify(Object.assign({ ok: true, trust, registers }, more)));
      return sign('resigning.json', '--registers', 'audit.json').refused;
    };
    expect(audited({}), 'the address was audited').to.equal('keyring-missing');
    expect(audited({ registers: [{ register: 'personnel', address: address(0xc1) }] })).to.equal(
      'act-of-another-ledger',
    );
    expect(audited({ registers: [] })).to.equal('register-unchecked');
    expect([audited({ ok: false }), audited({ trust: word(1) })]).to.deep.equal([
      'not-understood',
      'not-understood',
    ]);
    expect(sign('sale.json', '--trust', 'elsewhere.json', '--unchecked').refused).to.equal(
      'act-of-another-ledger',
    );
  });
});
