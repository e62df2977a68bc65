/** The table of acts against the compiled contracts, the signed types and the API. */
import path from 'node:path';
import { expect } from 'chai';
import { readTree } from '../../../../scripts/source.ts';
import { SIGNED_TYPES } from '../../../../server/domain/acts/signedActs.ts';
import { ACTS, type ActRow, actsPage, rowOf } from '../../../../server/domain/acts/table.ts';
import { contractOf } from '../../../../server/ledger/contracts.ts';
import { type AbiInput, readArtifacts } from '../../../chain/bytecode.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const rows: readonly ActRow[] = Object.values(ACTS);

/** Between contracts, not for officers: a rule contract passes an act on that it judged. */
const BETWEEN_CONTRACTS = new Set(['ILandRecorder']);

/** Every function of the interfaces that takes two officers' signatures: by its name, with its parameters. */
const signed = readArtifacts(root)
  .filter(({ sourceName, contractName }) => {
    return sourceName.startsWith('contracts/interfaces/') && !BETWEEN_CONTRACTS.has(contractName);
  })
  .flatMap(({ abi }) => abi)
  .filter(({ type, inputs = [] }) => type === 'function' && structOf(inputs.at(-1)) === 'Signatures');

function structOf(input: AbiInput | undefined): string | undefined {
  return input?.internalType?.replace(/^struct (?:\w+\.)?/, '').replace(/\[\]$/, '');
}

/** The struct that is signed: the first argument, or the batch inside it. */
function signedStructOf([first]: readonly AbiInput[]): string | undefined {
  const inner = first?.components?.[0];
  return inner?.name === 'batch' ? structOf(inner) : structOf(first);
}

describe('the table of acts', () => {
  it('has one row for each function that takes two signatures, and no other row', () => {
    expect(signed).not.to.have.length(0);
    const functions = signed.map(({ name = '', inputs = [] }) => `${name}(${signedStructOf(inputs)})`);
    expect(rows.map(({ method, type }) => `${method}(${type})`).toSorted()).to.deep.equal(
      functions.toSorted(),
    );
  });

  it('names a contract that has the function, and says whether it takes consents', () => {
    for (const { contract, method, consents } of rows) {
      const fragment = contractOf(contract).calls.getFunction(method);
      expect(fragment, `${contract}.${method}`).not.to.equal(null);
      const types = fragment?.inputs.map((input) => input.format('sighash')) ?? [];
      const [abi] = signed.filter(({ name }) => name === method);
      const takes = abi?.inputs?.some((input) => structOf(input) === 'ConsentProof');
      expect(takes, method).to.equal(consents !== undefined);
      expect(types.length).to.equal(abi?.inputs?.length);
    }
  });

  it('is keyed by the signed struct, which is typed', () => {
    for (const [type, row] of Object.entries(ACTS)) {
      expect(row.type).to.equal(type);
      expect(SIGNED_TYPES).to.have.property(type);
    }
    expect(rowOf('constructor')).to.equal(undefined);
  });

  it('gives each kind of entry of a register to one act, batches aside', () => {
    const kinds = rows
      .filter(({ type }) => type !== 'Batch')
      .flatMap(({ register, kinds: all }) => all.map((kind) => `${register} ${kind}`));
    expect(new Set(kinds).size).to.equal(kinds.length);
  });

  it('has the numbers of the contracts for the acts of power', () => {
    const text = readTree(root)
      .filter((file) => /^contracts\/interfaces\/I(Personnel|Safeguards|Notary)\.sol$/.test(file.path))
      .map((file) => file.text)
      .join('\n');
    const constants = Object.fromEntries(
      [...text.matchAll(/uint16 constant KIND_(\w+) = (\d+);/g)].map(([, name = '', number]) => [
        name,
        Number(number),
      ]),
    );
    const kindOf = (type: keyof typeof ACTS) => ACTS[type].kinds[0];
    expect(kindOf('AppointOfficer')).to.equal(constants.APPOINT_OFFICER);
    expect(kindOf('RotateKey')).to.equal(constants.ROTATE_KEY);
    expect(kindOf('AppointRecorder')).to.equal(constants.APPOINT_RECORDER);
    expect(kindOf('RevokeRecorder')).to.equal(constants.REVOKE_RECORDER);
    expect(kindOf('LongPause')).to.equal(constants.LONG_PAUSE);
    expect(kindOf('Unpause')).to.equal(constants.UNPAUSE);
  });

  it('is the page of the documentation', () => {
    const page = readTree(root).find(({ path: file }) => file === 'docs/acts.md')?.text;
    expect(page).to.equal(actsPage());
  });
});
