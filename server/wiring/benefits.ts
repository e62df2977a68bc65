/** The part of the composition root that wires aid: its desks, and the routes of benefits, vendors and people. */

import { openBenefitCalls } from '../acts/benefitCalls.ts';
import type { Commit } from '../acts/commit.ts';
import { AcceptedSales } from '../desk/acceptedSales.ts';
import type { ActFileReader } from '../desk/actFiles.ts';
import { BenefitLists } from '../desk/benefitLists.ts';
import { BenefitDesk } from '../desk/benefits.ts';
import type { Certificates } from '../desk/certificates.ts';
import type { Intake } from '../desk/intake.ts';
import type { Jobs } from '../desk/jobs.ts';
import { openOwnData } from '../desk/ownData.ts';
import type { PeopleFinder } from '../desk/peopleFinder.ts';
import { Redemptions } from '../desk/redemptions.ts';
import type { Telling } from '../desk/telling.ts';
import type { TitleFinder } from '../desk/titleFinder.ts';
import type { FactsDependencies } from '../desk/vaultFacts.ts';
import { disclose, noteRefused } from '../disclose.ts';
import type { BenefitRegister } from '../domain/benefits/types.ts';
import { benefitRoutes } from '../http/benefits.ts';
import type { ProfileBook } from '../http/fileSettings.ts';
import { ownDataRoutes } from '../http/ownData.ts';
import { peopleRoutes } from '../http/people.ts';
import { programmeRoutes } from '../http/programmes.ts';
import { redemptionRoutes } from '../http/redemptions.ts';
import type { Answer, Route } from '../http/route.ts';
import { vendorRoutes } from '../http/vendors.ts';
import { keccak256 } from '../ledger/keccak.ts';
import { recoverQuickly } from '../ledger/recovery.ts';
import type { PendingActs } from '../store/acts.ts';
import type { Labels } from '../store/labels.ts';
import type { Outbox } from '../store/outbox.ts';
import { ReadingCodes } from '../store/readingCodes.ts';
import { Rolls } from '../store/rolls.ts';
import type { Searches } from '../store/searches.ts';
import type { Store } from '../store/store.ts';
import type { Views } from '../store/views.ts';
import type { FileReader } from '../threads/fileReader.ts';

export interface AidParts {
  readonly store: Store;
  /** What opens people's records, and writes down who had them opened. */
  readonly opening: FactsDependencies;
  readonly intake: Intake;
  readonly finder: PeopleFinder;
  readonly searches: Searches;
  readonly profiles: ProfileBook;
  readonly jobs: Jobs<Answer>;
  /** The thread that reads tables. */
  readonly reader: FileReader;
  readonly commit: Commit;
  readonly outbox: Outbox;
  readonly fileOf: ActFileReader;
  readonly views: Views;
  readonly labels: Labels;
  readonly titles: Pick<TitleFinder, 'groundOf'>;
  readonly telling: Telling;
  readonly acts: PendingActs;
  readonly certificates: Certificates;
  /** The register whose acts and sales are signed. */
  readonly register: BenefitRegister;
  /** The time the next block would have: what acts and sales are judged by. */
  ledgerNowMs(): number;
}

export function aidRoutes(parts: AidParts): Route[] {
  const { store, opening, intake, finder, profiles, jobs, reader, commit, fileOf, views, register } = parts;
  const { ledgerNowMs, labels, titles, telling, acts, certificates, searches } = parts;
  const calls = openBenefitCalls(register);
  const rolls = new Rolls(store, Date.now);
  const desk = new BenefitDesk({ views, rolls, register, nowMs: ledgerNowMs });
  const fast = { keccak256, recover: recoverQuickly };
  const { accessLog, nowMs } = opening;
  const lists = new BenefitLists({
    accessLog,
    nowMs,
    desk,
    intake,
    views,
    rolls,
    commit,
    calls,
    reader,
    ledger: register,
    ...fast,
  });
  const accepted = new AcceptedSales({ outbox: parts.outbox, calls, views });
  const redemptions = new Redemptions({
    desk,
    views,
    accepted,
    commit,
    calls,
    register,
    recover: recoverQuickly,
  });
  const codes = new ReadingCodes(store, nowMs);
  const ownData = openOwnData({
    ...opening,
    views,
    acts,
    fileOf,
    certificates,
    accepted,
    labels,
    ledger: register,
    groundOf: (baUnit, reader) => titles.groundOf(baUnit, reader),
    moment: () => desk.moment(),
    subjectAt: ({ index, ...of }) => lists.subjectAt(of, index),
  });
  return [
    ...benefitRoutes({ commit, fileOf, desk, lists, intake, profiles, jobs }),
    ...programmeRoutes({
      views,
      redemptions,
      accepted,
      labels,
      nowSeconds: () => BigInt(Math.floor(ledgerNowMs() / 1000)),
    }),
    ...vendorRoutes({ views, labels }),
    ...redemptionRoutes({ commit, redemptions, labels, views }),
    ...peopleRoutes({
      personIn: (sectors, personId, agency) => intake.personIn(sectors, personId, agency),
      finder,
      admit: (of, id) => searches.admit(of, id),
      countRefused: (of) => searches.refused(of),
      noteRefused: (request, subject) => noteRefused(opening, request, subject),
      disclose: (request, subject, filter) => disclose(opening, request, subject, filter),
      accessLog,
      codes,
      searchesOn: (institution, dayMs) => searches.on(institution, dayMs),
      telling,
      nowMs,
    }),
    ...ownDataRoutes({ ownData, commit, ledger: register, accessLog, codes, telling, nowMs }),
  ];
}
