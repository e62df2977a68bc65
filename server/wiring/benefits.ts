/** The part of the composition root that wires aid: its desks, and the routes of benefits, vendors and people. */

import { openBenefitCalls } from '../acts/benefitCalls.ts';
import type { Commit } from '../acts/commit.ts';
import type { ActFileReader } from '../desk/actFiles.ts';
import { BenefitLists } from '../desk/benefitLists.ts';
import { BenefitDesk } from '../desk/benefits.ts';
import type { Intake } from '../desk/intake.ts';
import type { Jobs } from '../desk/jobs.ts';
import { Redemptions } from '../desk/redemptions.ts';
import { disclose } from '../disclose.ts';
import type { BenefitRegister } from '../domain/benefits/types.ts';
import { benefitRoutes } from '../http/benefits.ts';
import type { ProfileBook } from '../http/fileSettings.ts';
import { peopleRoutes } from '../http/people.ts';
import { programmeRoutes } from '../http/programmes.ts';
import { redemptionRoutes } from '../http/redemptions.ts';
import type { Answer, Route } from '../http/route.ts';
import { keccak256 } from '../ledger/keccak.ts';
import { AccessLog } from '../store/access.ts';
import { Rolls } from '../store/rolls.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import type { Views } from '../store/views.ts';
import type { FileReader } from '../threads/fileReader.ts';

export interface AidParts {
  readonly store: Store;
  readonly vault: Vault;
  readonly intake: Intake;
  readonly profiles: ProfileBook;
  readonly jobs: Jobs<Answer>;
  /** The thread that reads tables. */
  readonly reader: FileReader;
  readonly commit: Commit;
  readonly fileOf: ActFileReader;
  readonly views: Views;
  /** The register whose acts and sales are signed. */
  readonly register: BenefitRegister;
  /** The time the next block would have: what acts and sales are judged by. */
  ledgerNowMs(): number;
}

export function aidRoutes(parts: AidParts): Route[] {
  const { store, vault, intake, profiles, jobs, reader, commit, fileOf, views, register, ledgerNowMs } =
    parts;
  const calls = openBenefitCalls(register);
  const rolls = new Rolls(store, Date.now);
  const desk = new BenefitDesk({ views, rolls, register, nowMs: ledgerNowMs });
  const lists = new BenefitLists({ desk, intake, views, rolls, commit, calls, reader, keccak256 });
  const redemptions = new Redemptions({ desk, views, commit, calls, register });
  const accessLog = new AccessLog(store);
  const reading = { vault, accessLog, nowMs: Date.now };
  return [
    ...benefitRoutes({ commit, fileOf, desk, lists, intake, profiles, jobs }),
    ...programmeRoutes({ views }),
    ...redemptionRoutes({ commit, redemptions }),
    ...peopleRoutes({
      personOf: (personId, agency) => intake.personOf(personId, agency),
      disclose: (request, subject) => disclose(reading, request, subject),
      accessLog,
      nowMs: Date.now,
    }),
  ];
}
