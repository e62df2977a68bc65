/**
 * The part of the composition root that wires what is asked of a ledger: its desks and finders over what runs, and the routes
 * that ask them.
 */
import type { Commit } from '../acts/commit.ts';
import { openLandCalls } from '../acts/landCalls.ts';
import type { Officers } from '../acts/officers.ts';
import { actFileReader } from '../desk/actFiles.ts';
import { Certificates } from '../desk/certificates.ts';
import { openErasureDesk } from '../desk/erasures.ts';
import { Intake } from '../desk/intake.ts';
import { openJobs } from '../desk/jobs.ts';
import type { LandDesk } from '../desk/land.ts';
import type { ParcelFinder } from '../desk/parcelFinder.ts';
import { openPeopleFinder } from '../desk/peopleFinder.ts';
import { sharedWork } from '../desk/sharedWork.ts';
import type { Surveys } from '../desk/surveys.ts';
import { openTelling } from '../desk/telling.ts';
import { openTitleFinder } from '../desk/titleFinder.ts';
import { registerDomain } from '../domain/acts/domains.ts';
import { verifyFinality } from '../domain/audit/lineage.ts';
import { fingerprint, type TrustedContract, type TrustFile, withContracts } from '../domain/audit/trust.ts';
import { Fault } from '../domain/base/fault.ts';
import type { Address, Bytes32 } from '../domain/base/hex.ts';
import { Refusal } from '../domain/base/refusal.ts';
import {
  MOST_NOTICE_POLICY,
  OVERLAP_TOLERANCE_POLICY,
  overlapToleranceMm2,
  TWO_INSTITUTION_ACTS_POLICY,
} from '../domain/land/policies.ts';
import { auditRoutes } from '../http/audit.ts';
import { erasureRoutes } from '../http/erasures.ts';
import { profileRoutes } from '../http/fileSettings.ts';
import { historyRoutes } from '../http/history.ts';
import { jobRoutes, linesAnswered } from '../http/jobs.ts';
import { labelRoutes } from '../http/labels.ts';
import { landRoutes } from '../http/land.ts';
import type { NetworkStanding } from '../http/pages.ts';
import { parcelRoutes } from '../http/parcels.ts';
import { shownOf } from '../http/problem.ts';
import { type Answer, ROLES, type Role, type Route } from '../http/route.ts';
import { type ScopeRules, scopeRules } from '../http/scope.ts';
import type { ContractsInForce } from '../ledger/contracts.ts';
import type { Engine } from '../ledger/engine.ts';
import type { LedgerContracts } from '../ledger/founding.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { AccessLog } from '../store/access.ts';
import type { PendingActs } from '../store/acts.ts';
import { AnsweredFiles } from '../store/answeredFiles.ts';
import { Cadastre } from '../store/cadastre.ts';
import { Commitments } from '../store/carried.ts';
import { ErasureRequests } from '../store/erasureRequests.ts';
import { Labels } from '../store/labels.ts';
import type { Outbox } from '../store/outbox.ts';
import { Profiles } from '../store/profiles.ts';
import type { Proposals } from '../store/proposals.ts';
import { Rolls } from '../store/rolls.ts';
import { Searches } from '../store/searches.ts';
import { Subjects } from '../store/subjects.ts';
import { Tokens } from '../store/tokens.ts';
import { Vault } from '../store/vault.ts';
import type { Views } from '../store/views.ts';
import { openFileReader } from '../threads/fileReader.ts';
import { routesOfActs } from './actRoutes.ts';
import { aidRoutes } from './benefits.ts';
import { headerAt, provenBy } from './nodes.ts';
import type { NodeWatch } from './nodeWatch.ts';
import { actBookIn } from './officers.ts';
import { routesOfPower } from './power.ts';
import { contractAt, type Stores } from './stores.ts';

/** How much two parcels may overlap unasked, as the policy says now. */
export const toleranceOf = (views: Views) => async () =>
  overlapToleranceMm2(await views.power.policy(OVERLAP_TOLERANCE_POLICY));

/** What runs once there is a ledger. */
export interface Running {
  readonly views: Views;
  readonly ledger: Ledger;
  readonly commit: Commit;
  readonly outbox: Outbox;
  readonly acts: PendingActs;
  readonly officers: Officers;
  readonly proposals: Proposals;
  readonly surveys: Surveys;
  readonly finder: ParcelFinder;
  readonly contracts: ContractsInForce<keyof LedgerContracts>;
  /** Operations accepted and not final. */
  queued(): Promise<number>;
  /** How long the oldest of them has waited; undefined where there is none. */
  waitsMs(): Promise<number | undefined>;
  /** How the nodes of a network stand; undefined over a chain in this process. */
  network(): Promise<NetworkStanding | undefined>;
  /** What changes when something that was accepted has become final. */
  progress(): Promise<string>;
  /** Ends the loop and what it feeds. */
  close(): Promise<void>;
  readonly watch: NodeWatch;
  /** Why the loop ended by itself. */
  readonly state: { broken: string | undefined };
}

/** What is served once there is a ledger; `check` goes through all of it and what was derived from it. */
export function ledgerRoutes(
  stores: Stores,
  chain: Engine,
  trust: TrustFile,
  running: Running,
  check: (signal: AbortSignal) => Promise<{ readonly ok: boolean }>,
): {
  readonly routes: Route[];
  readonly scopes: ScopeRules;
  endChecks(): Promise<void>;
  endUploads(): Promise<void>;
} {
  const { keys, store, dataKeys } = stores;
  const { commit, outbox, views, acts, officers, proposals, surveys, finder } = running;
  const { chainId, ledgerNonce } = trust;
  const ledgerNowMs = () => Number(chain.nextTimestamp) * 1000;
  const { inForce } = running.contracts;
  const register = {
    chainId,
    ledgerNonce,
    get benefitLedger() {
      return inForce.benefits;
    },
  };
  const subjects = new Subjects(store, keys);
  const cadastre = new Cadastre(store);
  const vault = new Vault(store, dataKeys);
  const reader = openFileReader();
  const accessLog = new AccessLog(store);
  const answered = new AnsweredFiles(store, keys);
  const intake = new Intake({ subjects, vault, reader, answered, accessLog, nowMs: Date.now });
  const jobs = openJobs<Answer>({ nowMs: Date.now, linesOf: linesAnswered, shownOf });
  const checks = sharedWork(check);
  const profiles = new Profiles(store);
  const labels = new Labels(store, keys);
  const commitments = new Commitments(store);
  const desk: LandDesk = {
    views,
    cadastre,
    subjects,
    commitments,
    nowMs: ledgerNowMs,
    overlapToleranceMm2: toleranceOf(views),
    ledger: {
      chainId,
      ledgerNonce,
      get landRegistry() {
        return inForce.land;
      },
    },
    twoInstitutionActsPolicy: TWO_INSTITUTION_ACTS_POLICY,
    mostNoticeSecondsPolicy: MOST_NOTICE_POLICY,
  };
  const due = { views, acts, commit, calls: openLandCalls(inForce) };
  const opening = {
    vault,
    nowMs: Date.now,
    commitments,
    accessLog,
  };
  const known = { ...opening, subjects, views, personIdOf: intake.personIdOf.bind(intake) };
  const fileOf = actFileReader(acts, { ...known, cadastre, rolls: new Rolls(store, Date.now) });
  const titles = openTitleFinder({ ...opening, views, cadastre });
  const searches = new Searches(store, opening.nowMs);
  const admit = (...of: Parameters<Searches['admit']>) => searches.admit(...of);
  const people = openPeopleFinder({ ...known, store, keys, titles, searches });
  const certificates = new Certificates({
    ...opening,
    views,
    cadastre,
    trust: () => trustNow(trust, inForce, chain),
    proveAtHead: (asked) => proveAtHead(chain, trust, running, asked),
  });
  const scopes = scopeRules({
    views,
    commit,
    jobs,
    personIn: (sectors, personId, agency) => intake.personIn(sectors, personId, agency),
  });
  const telling = openTelling(new Tokens<Role>(store, Date.now, ROLES), acts, views);
  const routes = [
    ...routesOfActs({ commit, acts, officers, fileOf, titles, labels, views }),
    ...parcelRoutes({ surveys, finder, titles, profiles, jobs, admit }),
    ...landRoutes({ commit, fileOf, desk, due, views, certificates, holders: titles, admit }),
    ...historyRoutes({ views, labels, titles, telling }),
    ...labelRoutes({ labels, views }),
    ...jobRoutes(jobs),
    ...profileRoutes(profiles),
    ...aidRoutes({
      store,
      opening,
      intake,
      finder: people,
      searches,
      profiles,
      jobs,
      reader,
      commit,
      outbox,
      fileOf,
      views,
      labels,
      register,
      titles,
      telling,
      acts,
      certificates,
      ledgerNowMs,
    }),
    ...routesOfPower({
      commit,
      fileOf,
      views,
      labels,
      acts,
      proposals,
      inForce,
      ledgerNowMs,
      identity: { chainId, ledgerNonce },
      sealsAlone: trust.lineage === 'embedded',
      erasures: stores.erasures,
      call: (to, data, from) => running.ledger.call(to, data, from),
    }),
    ...erasureRoutes({
      erasures: openErasureDesk({
        store,
        erasures: stores.erasures,
        requests: new ErasureRequests(store, Date.now),
        commitments,
        rolls: new Rolls(store, Date.now),
        views,
        officers,
        keyHashOf: actBookIn(views, inForce, (to, data) => running.ledger.call(to, data)).keyHashOfOfficer,
        domain: () => registerDomain('consortium', { chainId, ledgerNonce }, inForce.consortium),
        nowMs: Date.now,
      }),
      personIn: (sectors, personId, agency) => intake.personIn(sectors, personId, agency),
    }),
    ...auditRoutes({
      views,
      titles,
      labels,
      identity: {
        chainId,
        ledgerNonce,
        genesisHash: trust.genesisHash,
        lineage: trust.lineage,
        trustFingerprint: fingerprint(trust),
      },
      check: checks.ask,
    }),
  ];
  return { routes, scopes, endChecks: checks.close, endUploads: jobs.close };
}

/** Code is the node's word here: before a certificate goes out, it is judged by the proof of it. */
async function trustNow(trust: TrustFile, inForce: Running['contracts']['inForce'], chain: Engine) {
  const { charter, consortium, landRegistry, benefitLedger } = trust.contracts;
  const now = (was: TrustedContract, address: Address) =>
    was.address === address ? was : contractAt(chain, address);
  return withContracts(trust, {
    charter,
    consortium: await now(consortium, inForce.consortium),
    landRegistry: await now(landRegistry, inForce.land),
    benefitLedger: await now(benefitLedger, inForce.benefits),
  });
}

async function proveAtHead(
  chain: Engine,
  trust: TrustFile,
  { ledger, views }: Running,
  asked: readonly { readonly address: Address; readonly slots: readonly Bytes32[] }[],
) {
  try {
    return await provenBy(chain, async () => {
      const { cursor } = views;
      const [header, finality] = [await headerAt(chain, cursor), await chain.finality(cursor.number)];
      if (finality === undefined) throw new Fault('no block is final yet', { retryable: true });
      verifyFinality(trust, finality);
      const proofs = await Promise.all(
        asked.map(({ address, slots }) => ledger.prove(address, slots, header)),
      );
      return { proofs: proofs.map(({ proof }) => proof), finality };
    });
  } catch (error) {
    // It is of the nodes, and says nothing of what was asked for.
    if (chain.pin.trust === undefined || !(error instanceof Refusal)) throw error;
    throw new Fault('no node proves what was asked', { retryable: true, cause: error });
  }
}
