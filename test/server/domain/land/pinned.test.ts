/** The pinned bytes of the register of land and of a certificate: a change of any is a new format. */

import { expect } from 'chai';
import { TypedDataEncoder } from 'ethers';
import { approvalOf } from '../../../../server/domain/acts/approval.ts';
import { digestOf, encodeType, type TypedData, typeHash } from '../../../../server/domain/acts/typedData.ts';
import { readCertificate, writeCertificate } from '../../../../server/domain/audit/certificate.ts';
import { readTrust } from '../../../../server/domain/audit/trust.ts';
import { verifyCertificate } from '../../../../server/domain/audit/verifyCertificate.ts';
import { refusal } from '../../../../server/domain/base/refusal.ts';
import { LAND_TYPES } from '../../../../server/domain/land/acts.ts';
import { fromJson, toJson } from '../../../../server/domain/land/codec.ts';
import { sectionHashes, stateHash } from '../../../../server/domain/land/hashes.ts';
import { consentOf, landTypedData } from '../../../../server/domain/land/prepare.ts';
import { codeOf } from '../../../chain/recorded.ts';
import { vectors } from '../../../vectors.ts';

const malformed = (field: string) => refusal('evidence-malformed', undefined, { field });

/** What a wallet would make of the same typed data. */
function walletDigest({ domain, types, message }: TypedData): string {
  const mutable = Object.fromEntries(Object.entries(types).map(([name, fields]) => [name, [...fields]]));
  const { chainId = 0n, verifyingContract = '', name = '', version = '', salt = '' } = domain;
  return TypedDataEncoder.hash({ chainId, verifyingContract, name, version, salt }, mutable, message);
}

describe('the pinned bytes of the register of land', () => {
  const { land } = vectors;
  const state = fromJson('BAUnitState', land.state, '', malformed);

  it('are those of a state and of each of its sections', () => {
    expect(sectionHashes(state)).to.deep.equal(land.sections);
    expect(stateHash(state)).to.equal(land.stateHash);
    expect(toJson('BAUnitState', state)).to.deep.equal(land.state);
  });

  it('are those of every type that is signed or kept', () => {
    const types = Object.keys(LAND_TYPES);
    expect(Object.fromEntries(types.map((name) => [name, typeHash(LAND_TYPES, name)]))).to.deep.equal(
      land.typeHashes,
    );
    expect(encodeType(LAND_TYPES, 'UnitChange')).to.equal('UnitChange(bytes32 baUnit,bytes32 priorState)');
  });

  it('are those of an act, its approval and a consent, and a wallet makes the same', () => {
    const { ledger, act, approval, consent, digests } = land.signed;
    const registration = fromJson('RegisterTitle', act, '', malformed);
    const typedData = landTypedData(ledger, 'RegisterTitle', registration);
    const { deadline } = registration.head;
    const approved = approvalOf(typedData, { ...approval, deadline });
    const { notBefore, mandateCommitment, ...needed } = fromJson('Consent', consent, '', malformed);
    const consented = consentOf(
      ledger,
      { ...needed, keyHash: needed.unitsHash },
      {
        notBefore,
        deadline: needed.deadline,
        mandateCommitment,
      },
    );
    const made = [typedData, approved, consented];
    expect(made.map(digestOf)).to.deep.equal(digests);
    expect(made.map(walletDigest)).to.deep.equal(digests);
  });

  it('take one spelling of a value only', () => {
    const header = land.state.header;
    const bent = [
      { ...header, version: 1 },
      { ...header, version: '01' },
      { ...header, version: '18446744073709551616' },
      { ...header, nextId: '4' },
      { ...header, nextId: 2 ** 32 },
      { ...header, nextId: 1.5 },
      { ...header, nextId: -1 },
      { ...header, status: 1 },
      { ...header, status: 'Active' },
      { ...header, baseUnit: header.baseUnit?.slice(0, -2) },
      { ...header, membersRoot: header.membersRoot?.replace('0x', '0X') },
      { ...header, extra: 0 },
      Object.fromEntries(Object.entries(header).slice(1)),
    ];
    for (const one of bent) {
      expect(codeOf(() => fromJson('Header', one, '', malformed))).to.equal('evidence-malformed');
    }
    expect(fromJson('Header', header, '', malformed)).to.deep.equal(state.header);
  });

  it('are those of a certificate, whole', () => {
    const text = `${JSON.stringify(vectors.certificate.file)}\n`;
    const certificate = readCertificate(text);
    expect(writeCertificate(certificate)).to.equal(text);
    const trust = readTrust(JSON.stringify(vectors.certificate.trust));
    const { intact, anchored } = verifyCertificate(trust, certificate);
    expect(intact.verdict).to.equal('yes');
    expect(anchored).to.deep.equal(vectors.certificate.anchored);
  });
});
