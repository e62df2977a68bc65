/** The part of the composition root that wires acts on their way: who is shown which, and what waits for whom. */
import type { Commit } from '../acts/commit.ts';
import { openInbox } from '../acts/inbox.ts';
import { isAskedToApprove, mayBeApproved, type Officers } from '../acts/officers.ts';
import type { ActFileReader } from '../desk/actFiles.ts';
import type { TitleFinder } from '../desk/titleFinder.ts';
import { headOf } from '../domain/acts/signable.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import type { InstitutionId } from '../domain/base/terms.ts';
import { actRoutes } from '../http/acts.ts';
import { ownLabelOf } from '../http/labels.ts';
import type { Route } from '../http/route.ts';
import { listedFor, openedFor, waitingFor } from '../http/scope.ts';
import type { PendingActs } from '../store/acts.ts';
import type { Labels } from '../store/labels.ts';
import type { Views } from '../store/views.ts';

export interface ActParts {
  readonly commit: Commit;
  readonly acts: PendingActs;
  readonly officers: Officers;
  readonly fileOf: ActFileReader;
  readonly titles: Pick<TitleFinder, 'groundOf'>;
  readonly labels: Labels;
  readonly views: Views;
}

export function routesOfActs({ commit, acts, officers, fileOf, titles, labels, views }: ActParts): Route[] {
  const isAsked = async (act: Bytes32, institution: InstitutionId) =>
    isAskedToApprove(officers, await acts.content(act), institution);
  const opened = openedFor(isAsked);
  return actRoutes({
    commit,
    fileOf,
    openedFor: opened,
    isListed: listedFor(opened),
    inbox: openInbox(acts, officers.isSeated, Date.now),
    waitsFor: waitingFor({
      preparerOf: async (act) => headOf(await acts.content(act)).preparer,
      mayBeApproved: async (act, by) => mayBeApproved(officers, await acts.content(act), by),
    }),
    groundOf: (baUnit, reader) => titles.groundOf(baUnit, reader),
    labelOf: (id, reader) => ownLabelOf({ labels, views }, id, reader),
  });
}
