import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { TypedDataEncoder } from 'ethers';
import { approvalOf } from '../../../../server/domain/acts/approval.ts';
import { commitFacts } from '../../../../server/domain/acts/facts.ts';
import { SIGNED_TYPES } from '../../../../server/domain/acts/signedActs.ts';
import { ACTS } from '../../../../server/domain/acts/table.ts';
import {
  digestOf,
  encodeType,
  hashStruct,
  type TypedStruct,
  typesOf,
} from '../../../../server/domain/acts/typedData.ts';
import type { Bytes32 } from '../../../../server/domain/base/hex.ts';
import { Refusal } from '../../../../server/domain/base/refusal.ts';
import { LAND_TYPES } from '../../../../server/domain/land/acts.ts';
import { fromAbi } from '../../../../server/domain/land/codec.ts';
import { consolidationTerms } from '../../../../server/domain/land/hashes.ts';
import { POWER_TYPES } from '../../../../server/domain/power/acts.ts';
import {
  actInWords,
  readActFile,
  unopenedIn,
  writeActFile,
} from '../../../../server/domain/signer/actFile.ts';
import type { SignableData } from '../../../../server/domain/signer/typedJson.ts';
import {
  approval,
  change,
  consent,
  fact,
  head,
  land,
  opens,
  registration,
  right,
  shapeFacts,
  state,
  stateHash,
  title,
  transfer,
  unitFacts,
  word,
  ZERO,
} from '../acts/signedActs.ts';

type Prepared = Parameters<typeof writeActFile>[0];
const textOf = (prepared: Partial<Prepared> & { act: SignableData }) =>
  JSON.stringify(writeActFile({ items: [], approval: undefined, consents: [], opens: [], ...prepared }));

function refusalOf(text: string): string {
  try {
    readActFile(text);
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'nothing refused';
}

describe('the file of a prepared act', () => {
  it('reads as it was written, with approval, consents and openings', () => {
    const written = { act: transfer, approval, consents: [consent()], opens: [...opens, { state }] };
    const read = readActFile(textOf(written));
    expect(read).to.deep.include({ act: transfer, approval, consents: [consent()], kind: 'transfer-right' });
    expect(read.id).to.equal(digestOf(transfer));
    expect(read.register).to.equal('landRegistry');
    expect(unopenedIn(read)).to.deep.equal([]);
  });

  it('has digests and typed data as a wallet makes them', () => {
    for (const data of [registration, transfer, consent(), approvalOf(transfer, approval)]) {
      const types = Object.fromEntries(
        Object.entries(data.types).map(([name, fields]) => [name, fields.map((field) => ({ ...field }))]),
      );
      expect(digestOf(data)).to.equal(TypedDataEncoder.hash(data.domain, types, data.message));
    }
    const { act } = JSON.parse(textOf({ act: transfer }));
    const { EIP712Domain: _, ...types } = act.typedData.types;
    expect(TypedDataEncoder.hash(act.typedData.domain, types, act.typedData.message)).to.equal(act.id);
    expect(TypedDataEncoder.getPrimaryType(types)).to.equal('TransferRight');
  });

  it('knows every act of the registers by the types of their contracts', () => {
    for (const name of Object.keys(ACTS)) expect(SIGNED_TYPES).to.have.property(name);
    const source = ['power/PowerActs', 'power/PersonnelActs', 'notary/NotaryActs']
      .map((file) => path.resolve(import.meta.dirname, `../../../../contracts/${file}.sol`))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const spelled = [...source.replace(/"\s+"/g, '').matchAll(/"(\w+\([^"]+\))"/g)].map(
      ([, literal]) => literal,
    );
    // The head and what an approval adds are the journal's, and the chain's own tests sign with them.
    const others = (type: string) =>
      [...type.matchAll(/\w+\([^)]*\)/g)]
        .map(([part]) => part)
        .filter((part) => !/^(ActHead|Approval)\(/.test(part));
    const powers = Object.keys(POWER_TYPES).filter((name) => name !== 'ActHead');
    for (const name of powers) {
      expect(spelled).to.include.members(others(encodeType(POWER_TYPES, name)));
    }
    for (const name of powers.filter((one) => Object.hasOwn(ACTS, one))) {
      const approving = approvalOf({ ...transfer, types: POWER_TYPES, primaryType: name }, approval);
      expect(spelled).to.include.members(others(encodeType(approving.types, 'Approval')));
    }
  });

  it('puts every field of an act, of its openings and consents in words', () => {
    const read = readActFile(textOf({ act: transfer, consents: [consent()], opens: [...opens, { state }] }));
    const words = actInWords(read);
    for (const line of [
      `TransferRight, entry ${digestOf(transfer)}`,
      '  the transfer of a right or part of it',
      `for Kudurru LandRegistry version 1 at 0x${'d0'.repeat(20)} on ledger 281474976710655 with nonce 0x${'4e'.repeat(32)}`,
      '    not before: 14 November 2023, 22:13 UTC (1700000000)',
      '    office: 4',
      '    holdings 1 of 1:',
      '      party kind: person (1)',
      '    standing: absolute (5)',
      'Consent 1 of 1',
      '  role: holder (1)',
      `What ${unitFacts.root} stands for:`,
      '  parcel/number: "12/7"',
      `What ${stateHash} stands for:`,
      '  charges: none',
      '  notices: none',
    ]) {
      expect(words, line).to.include(line);
    }
    // A leaf of the message is a line: nothing is left out.
    const leaves = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? Object.values(value).reduce((sum, part) => sum + leaves(part), 0)
        : 1;
    const ofAct = words.slice(4, words.indexOf('Consent 1 of 1'));
    expect(ofAct.filter((line) => !line.endsWith(':'))).to.have.length(leaves(transfer.message));
  });

  it('shows nothing that a terminal would obey or that turns the order of reading', () => {
    const words = actInWords(readActFile(textOf({ act: transfer, opens: [...opens, { state }] }))).join('\n');
    expect(words).to.include('"Synthetic\\u{202e}Party\\n"');
    expect(words).to.not.match(/[^\P{C}\n]/u);
  });

  it('opens a batch by its titles, in their order and number', () => {
    const titles = [title, { ...title, baUnit: word(0x42) }];
    const batchOf = (items: readonly TypedStruct[], count = BigInt(items.length)) =>
      land('Batch', { head, itemsHash: hashOf(items), count, atomic: true });
    const read = readActFile(textOf({ act: batchOf(titles), items: titles, opens }));
    expect(read.items).to.deep.equal(titles);
    expect(unopenedIn(read)).to.deep.equal([]);
    expect(actInWords(read)).to.include('Item 2 of 2');
    expect(unopenedIn(readActFile(textOf({ act: batchOf(titles), items: titles })))).to.have.length(6);
    for (const items of [titles.toReversed(), titles.slice(1), [...titles, title], []]) {
      expect(refusalOf(textOf({ act: batchOf(titles), items }))).to.equal('batch-items-differ');
    }
    expect(refusalOf(textOf({ act: batchOf(titles, 3n), items: titles }))).to.equal('batch-items-differ');
    expect(refusalOf(textOf({ act: batchOf([]), items: [] }))).to.equal('batch-items-differ');
    expect(refusalOf(textOf({ act: registration, items: [title] }))).to.equal('act-file-malformed');
  });

  it('names what is not opened', () => {
    const read = readActFile(textOf({ act: transfer, opens: [] }));
    expect(unopenedIn(read)).to.deep.equal(['/unit/priorState', '/next/holdings/0/partyCommitment']);
  });

  it('refuses an opening that does not open, or opens what nobody signs', () => {
    const bent = (edit: (text: string) => string) => {
      const text = textOf({ act: transfer, opens: [...opens, { state }] });
      const changed = edit(text);
      expect(changed).to.not.equal(text);
      return refusalOf(changed);
    };
    expect(bent((text) => text.replace('"12/7"', '"12/8"'))).to.equal('opening-differs');
    expect(bent((text) => text.replace(`"salt":"${word(1)}"`, `"salt":"${word(7)}"`))).to.equal(
      'opening-differs',
    );
    expect(bent((text) => text.replace(`"commitment":"${stateHash}"`, `"commitment":"${word(7)}"`))).to.equal(
      'opening-differs',
    );
    expect(bent((text) => text.replace(`"salt":"${word(2)}"`, `"salt":"${word(1)}"`))).to.equal(
      'act-file-malformed',
    );
    expect(bent((text) => text.replace('"path":"place"', '"path":"parcel/number"'))).to.equal(
      'act-file-malformed',
    );
    expect(bent((text) => text.replace('"path":"place"', '"path":"Place"'))).to.equal('act-file-malformed');
    expect(bent((text) => text.replace('"kind":"state"', '"kind":"facts"'))).to.equal('act-file-malformed');
    const foreign = commitFacts([fact('price', '1', 9)]);
    expect(refusalOf(textOf({ act: transfer, opens: [foreign] }))).to.equal('opening-differs');
    expect(refusalOf(textOf({ act: registration, opens: [{ state }] }))).to.equal('opening-differs');
    // what an opened state commits to belongs to the act
    expect(refusalOf(textOf({ act: transfer, opens: [{ state }, shapeFacts] }))).to.equal('nothing refused');
    expect(refusalOf(textOf({ act: transfer, opens: [shapeFacts] }))).to.equal('opening-differs');
  });

  it('says which field differs, from what to what, and what to do next', () => {
    const refusedOf = (text: string) => {
      try {
        readActFile(text);
      } catch (error) {
        if (error instanceof Refusal) return error;
      }
      return expect.fail('nothing refused');
    };
    const text = textOf({ act: transfer, opens: [...opens, { state }], approval });
    const file = JSON.parse(text);
    file.act.typedData.message.head.office = '9';
    const [act, { message: approved }] = [file.act, file.approval.typedData];
    const changed = refusedOf(JSON.stringify(file));
    expect(changed.code).to.equal('act-id-differs');
    const was = approved.act.head.office;
    expect(changed.message).to.include(act.id).and.to.include('transfer-right');
    expect(changed.message).to.match(new RegExp(`Changed: /head/office from "${was}" to "9"\\.$`));
    expect(changed.row.remedy).to.match(/^Do not sign: .*Ask for the act again.*tell who runs the gateway/);
    const bare = refusedOf(JSON.stringify({ ...file, approval: null }));
    expect(bare.message).to.include('no approval beside it says which field');
    const beside = refusedOf(JSON.stringify({ id: word(7), prepared: JSON.parse(text) }));
    expect(beside.message).to.include(word(7)).and.to.include('the id beside the file');
    const opening = refusedOf(text.replace(`"salt":"${word(1)}`, `"salt":"${word(7)}`));
    expect(opening.code).to.equal('opening-differs');
    const opened =
      /(\/\S+ of|a commitment of a state beside) the transfer-right.* is 0x\w{64}, and what is opened for it hashes to 0x\w{64}\.$/;
    expect(opening.message).to.match(opened);
    const foreign = refusedOf(textOf({ act: transfer, opens: [commitFacts([fact('price', '1', 9)])] }));
    expect(foreign.message).to.match(/no field of the transfer-right is 0x\w{64}\.$/);
  });

  it('refuses an approval of another act, of another ledger, or of another shape', () => {
    const file = JSON.parse(textOf({ act: transfer, approval }));
    const ofOther = JSON.parse(
      textOf({
        act: land('TransferRight', { head: { ...head, salt: 6n }, unit: change, next: right }),
        approval,
      }),
    );
    const elsewhere = structuredClone(file);
    elsewhere.approval.typedData.domain.chainId = '1';
    expect(refusalOf(JSON.stringify({ ...file, approval: ofOther.approval }))).to.equal('approval-differs');
    expect(refusalOf(JSON.stringify(elsewhere))).to.equal('approval-differs');
    const ofRegistration = JSON.parse(textOf({ act: registration, approval })).approval;
    expect(refusalOf(JSON.stringify({ ...file, approval: ofRegistration }))).to.be.oneOf([
      'act-type-unknown',
      'act-file-malformed',
    ]);
    expect(refusalOf(JSON.stringify({ ...file, approval: { typedData: file.act.typedData } }))).to.equal(
      'act-file-malformed',
    );
  });

  it('refuses a consent to another act, unit, term, date of effect or ledger, and one that nobody gives', () => {
    const tries = [
      consent({ act: 3n }),
      consent({ baUnit: word(0x42) }),
      consent({ termsHash: word(1) }),
      consent({ effectiveOn: 1n }),
      { ...consent(), domain: { ...consent().domain, chainId: 1n } },
    ];
    for (const one of tries)
      expect(refusalOf(textOf({ act: transfer, consents: [one] }))).to.equal('consent-differs');
    expect(refusalOf(textOf({ act: registration, consents: [consent()] }))).to.equal('consent-differs');
    expect(refusalOf(textOf({ act: transfer, consents: [transfer] }))).to.equal('act-file-malformed');
  });

  it('holds as many consents as the heaviest act asks for, and no file has more than 1,024', () => {
    const read = readActFile(textOf({ act: transfer, consents: Array(682).fill(consent()) }));
    expect(read.consents).to.have.length(682);
    const tooMany = textOf({ act: transfer, consents: Array(1_025).fill(consent()) });
    expect(refusalOf(tooMany)).to.equal('act-file-malformed');
  });

  it('knows the terms of every act that somebody consents to', () => {
    const restriction: TypedStruct = {
      restrictionId: 0n,
      kind: 1n,
      targetRight: 0n,
      targetHolding: 0n,
      rank: 0n,
      presentationNo: 0n,
      instrumentId: word(0x61),
      holderKeyHash: word(0x62),
      blocks: 4n,
      needsConsent: 0n,
      expiresOn: 0n,
      termsCommitment: ZERO,
    };
    const portion = {
      baUnit: word(0x43),
      spatialUnits: [{ id: word(0x32), geometryCommitment: word(0x33) }],
      quotaNumerator: 0n,
    };
    const child = { portion, factsRoot: word(0x34) };
    const release = { unit: change, restrictionId: 9n };
    const consolidation = {
      head,
      units: [change, { ...change, baUnit: word(0x44) }],
      child,
      ownership: right,
    };
    const hash = (name: string, value: TypedStruct) => hashStruct(LAND_TYPES, name, value);
    const acts: [SignableData, bigint, Bytes32][] = [
      [
        land('CreateRestriction', { head, units: [change], restriction }),
        3n,
        hash('Restriction', restriction),
      ],
      [
        land('CreateRestriction', { head, units: [change], restriction }),
        4n,
        hash('Restriction', restriction),
      ],
      [land('Discharge', { head, releases: [release] }), 5n, word(0x77)],
      [land('Discharge', { head, releases: [release] }), 6n, word(0x78)],
      [
        land('Subdivide', { head, unit: change, children: [child, child] }),
        7n,
        hashOf([portion, portion], 'Portion'),
      ],
      [land('Consolidate', consolidation), 8n, consolidationTermsOf(consolidation)],
    ];
    for (const [act, number, termsHash] of acts) {
      const asked = consent({ act: number, termsHash });
      expect(refusalOf(textOf({ act, consents: [asked] })), act.primaryType).to.equal('nothing refused');
      const showsTerms = act.primaryType !== 'Discharge';
      const bent = textOf({ act, consents: [consent({ act: number, termsHash: word(1) })] });
      expect(refusalOf(bent), act.primaryType).to.equal(showsTerms ? 'consent-differs' : 'nothing refused');
      expect(refusalOf(textOf({ act, consents: [consent({ act: 2n, termsHash })] }))).to.equal(
        'consent-differs',
      );
    }
  });

  it('refuses every value of the file in another spelling or of another size', () => {
    const text = textOf({ act: transfer, approval, consents: [consent()], opens: [...opens, { state }] });
    expect(refusalOf(text)).to.equal('nothing refused');
    let tried = 0;
    const letIn: string[] = [];
    const bend = (place: string, value: unknown, set: (bent: unknown) => void): void => {
      if (typeof value === 'object' && value !== null) {
        for (const [name, part] of Object.entries(value)) {
          bend(`${place}/${name}`, part, (bent) => {
            (value as Record<string, unknown>)[name] = bent;
          });
        }
        if (place === '') return;
        for (const bent of [{}, [], null, '', 7]) attempt(place, value, bent, set);
        return;
      }
      for (const bent of bentValues(value)) attempt(place, value, bent, set);
    };
    const attempt = (place: string, value: unknown, bent: unknown, set: (bent: unknown) => void): void => {
      if (JSON.stringify(bent) === JSON.stringify(value)) return;
      set(bent);
      tried++;
      if (refusalOf(JSON.stringify(file)) === 'nothing refused')
        letIn.push(`${place} = ${JSON.stringify(bent)}`);
      set(value);
    };
    const file = JSON.parse(text);
    bend('', file, () => {});
    // Without an approval, consents or openings it is another file, and a whole one.
    const isWhole = (one: string) => /^\/(approval = null|consents = \[\]|openings = \[\])$/.test(one);
    // What an approver chooses, and what a consenting key chooses, is not the act's to say.
    const isChosen = (one: string) =>
      /^\/approval\/typedData\/message\/(approver|approverEpoch|deadline) =/.test(one) ||
      /^\/consents\/0\/typedData\/message\/(role|unitsHash|subject|notBefore|deadline|mandateCommitment) =/.test(
        one,
      );
    const wrong = letIn.filter((one) => !isWhole(one) && !isChosen(one));
    console.log(`      bent values of a prepared act | ${tried} tried | ${wrong.length} let in`);
    expect(wrong).to.deep.equal([]);
    expect(tried).to.be.greaterThan(1_500);
  });
});

/** Other spellings and other values of one value. */
function bentValues(value: unknown): unknown[] {
  if (typeof value === 'boolean') return [!value, String(value), Number(value), null];
  const text = String(value);
  const common = [null, {}, [], '', `${text} `, [text]];
  if (/^\d+$/.test(text)) {
    return [
      ...common,
      Number(text),
      `0${text}`,
      `-${text}`,
      `+${text}`,
      `0x${text}`,
      `${text}.0`,
      `${BigInt(text) + 1n}`,
      `${2n ** 256n}`,
    ];
  }
  if (text.startsWith('0x')) {
    const flipped = `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`;
    return [...common, flipped, text.slice(0, -2), `${text}00`, text.slice(2), text.toUpperCase()];
  }
  return [...common, `${text}x`, text.toUpperCase()];
}

function hashOf(items: readonly TypedStruct[], name = 'Title'): Bytes32 {
  const types = { ...LAND_TYPES, List: [{ name: 'items', type: `${name}[]` }] };
  // keccak of the items' hashes is how a wallet hashes an array: take it from one that does
  const encoded = TypedDataEncoder.from(mutable(types)).encodeData('List', { items });
  return `0x${encoded.slice(-64)}` as Bytes32;
}

function mutable(types: Readonly<Record<string, readonly { name: string; type: string }[]>>) {
  const used = typesOf(types, 'List');
  return Object.fromEntries(
    Object.entries(used).map(([name, fields]) => [name, fields.map((field) => ({ ...field }))]),
  );
}

/** By the code that prepares acts, from the same values in its own spelling. */
function consolidationTermsOf(message: TypedStruct): Bytes32 {
  return consolidationTerms(fromAbi('Consolidate', message));
}
