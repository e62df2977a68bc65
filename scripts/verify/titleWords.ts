/**
 * A title as its certificate shows it, in lines for whoever reads it on a terminal: what the unit is, who holds which
 * share of which right, and all that stands against it, in the order of the register.
 *
 * Promises: each fact that is shown stands under what it is about; a section that is not shown says so and is never
 * taken for an empty one; areas and moments are written as people do; nothing of a fact reaches the terminal that is not text.
 */
import type { Certificate, CertifiedFact } from '../../server/domain/audit/certificate.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { areaInWords, momentInWords } from '../../server/domain/base/inWords.ts';
import { actsOf } from '../../server/domain/base/terms.ts';
import type { BAUnitState, Holding, Restriction, Right } from '../../server/domain/land/types.ts';
import { cornersInWords } from '../../server/domain/survey/corners.ts';

/** Control characters of a fact would speak to the terminal, not to the reader. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Facts that are counted in square millimetres, whose names say so. */
const AREA = /^(.*)-mm2$/;

function factInWords({ path, value }: CertifiedFact): string {
  const corners = path === 'boundary' ? cornersInWords(value) : undefined;
  if (corners !== undefined) return `${path}: ${corners}`;
  const [, area] = AREA.exec(path) ?? [];
  const isCounted = area !== undefined && /^\d{1,30}$/.test(value);
  return isCounted ? `${area}: ${areaInWords(BigInt(value))}` : `${path}: ${value.replace(CONTROL, ' ')}`;
}

export function titleInWords(certificate: Certificate): string[] {
  const { baUnit, issuedAt, state, facts } = certificate;
  const { status, version, effectiveOn } = state.header;
  const told = new Set<CertifiedFact>();
  const about = (place: string, depth = 1): string[] =>
    facts.flatMap((fact) => {
      if (fact.of !== place) return [];
      told.add(fact);
      return `${'  '.repeat(depth)}${factInWords(fact)}`;
    });
  const lines = [
    `unit ${baUnit}: ${status}, state ${version}, as of ${momentInWords(issuedAt)}`,
    effectInWords(Number(effectiveOn), issuedAt),
    ...about('unit'),
    ...section(certificate, 'spatialUnits', ({ id }) => [`parcel ${id}`, ...about(`spatial-unit/${id}`)]),
    ...section(certificate, 'rights', (right) => [
      rightInWords(right),
      ...about(`right/${right.rightId}`),
      ...right.holdings.flatMap((holding) => [
        `  holding ${holding.holdingId}: ${holdingInWords(right, holding)}`,
        ...about(`holding/${holding.holdingId}`, 2),
      ]),
    ]),
    ...section(certificate, 'charges', (charge) => [
      restrictionInWords('charge', charge),
      ...about(`restriction/${charge.restrictionId}`),
    ]),
    ...section(certificate, 'notices', (notice) => [
      restrictionInWords('notice', notice),
      ...about(`restriction/${notice.restrictionId}`),
    ]),
    ...section(certificate, 'responsibilities', ({ responsibilityId, kind }) => [
      `responsibility ${responsibilityId}: ${kind}`,
      ...about(`responsibility/${responsibilityId}`),
    ]),
    ...section(certificate, 'applications', ({ applicationId, act, state: standing }) => [
      `application ${applicationId}: ${act}, ${standing}`,
    ]),
  ];
  // What a section that is not shown would have headed.
  const others = facts.filter((fact) => !told.has(fact));
  return [...lines, ...others.map((fact) => `${fact.of} ${factInWords(fact)}`)];
}

/** A change that was recorded ahead of its day is the newest state, and not yet what counts. */
function effectInWords(effectiveOn: number, issuedAt: number): string {
  const from = `in effect from ${momentInWords(effectiveOn)}`;
  return effectiveOn <= issuedAt ? from : `NOT YET ${from}; until then the state before it counts`;
}

type Shown = 'spatialUnits' | 'rights' | 'charges' | 'notices' | 'responsibilities' | 'applications';

const NAME: Readonly<Record<Shown, string>> = {
  spatialUnits: 'parcels',
  rights: 'rights',
  charges: 'charges',
  notices: 'notices',
  responsibilities: 'responsibilities',
  applications: 'applications',
};

function section<S extends Shown>(
  certificate: Certificate,
  name: S,
  itemInWords: (item: BAUnitState[S][number]) => string[],
): string[] {
  const content = certificate.state[name] as BAUnitState[S] | string;
  if (typeof content === 'string') return [`${NAME[name]}: not shown`];
  return content.length === 0 ? [`${NAME[name]}: none`] : [...content].flatMap(itemInWords);
}

function rightInWords({ rightId, kind, standing, tenancy, targetRight, expiresOn }: Right): string {
  const on = targetRight === 0 ? '' : `, on right ${targetRight}`;
  return `right ${rightId}: ${kind}, ${standing}, tenancy ${tenancy}${on}${until(expiresOn)}`;
}

/** What a reader must know of who signs; a holder who signs for himself needs no word. */
const SIGNS: Readonly<Record<Holding['signer'], string>> = {
  unspecified: '',
  own: '',
  representative: ', signed for by a representative',
  none: ', nobody signs for it',
};

/** Who is written down as signing and has no key is not asked by the ledger: two institutions act for them. */
const WITHOUT_KEY = ', no key is known: two institutions judge what the holder says in person';

function holdingInWords({ denominator }: Right, { numerator, partyKind, signer, keyHash }: Holding): string {
  const share = numerator === denominator ? 'the whole' : `${numerator} of ${denominator}`;
  const isKeyless = keyHash === ZERO_32 && signer !== 'none';
  const signs = `${SIGNS[signer]}${isKeyless ? WITHOUT_KEY : ''}`;
  return `${numerator === 0n ? 'no share stated' : share}; ${partyKind}${signs}`;
}

function restrictionInWords(what: 'charge' | 'notice', restriction: Restriction): string {
  const { restrictionId, kind, rank, targetRight, targetHolding, blocks, needsConsent, expiresOn } =
    restriction;
  const on =
    targetHolding !== 0
      ? `, on holding ${targetHolding}`
      : targetRight === 0
        ? ''
        : `, on right ${targetRight}`;
  const acts = (what: string, mask: bigint) => (mask === 0n ? '' : `, ${what} ${actsOf(mask).join(', ')}`);
  const rest = `${acts('blocks', blocks)}${acts('asks its holder for', needsConsent)}${until(expiresOn)}`;
  return `${what} ${restrictionId}: ${kind}${rank === 0 ? '' : `, rank ${rank}`}${on}${rest}`;
}

function until(seconds: bigint): string {
  if (seconds === 0n) return '';
  const isOver = seconds * 1_000n < BigInt(Date.now());
  return `, until ${momentInWords(seconds)}${isOver ? ', which is PAST' : ''}`;
}
