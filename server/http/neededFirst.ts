/**
 * What there must be before an operation's example is taken, where a ledger at work does not have it all the time: so that who
 * pastes it knows what to do first instead of learning it from the refusal.
 *
 * Promises: every operation whose example a demonstration refuses is here, and no other name than an operation's. `openapi.ts`
 * writes it beside the operation; `test/server/http/examples.test.ts` holds both lists together.
 */

const ACT = 'an act that `POST /acts/...` answered, with its `id`';
const SIGNED_BY_HER = 'a signature of the challenge of `POST /own-data/challenges` by her own key';
const MEASURE =
  'a measure that was opened by a vote (`POST /acts/votes`), with the `measureId` of `GET /measures`';
const DIVIDING = 'a title of which `POST /acts/divisions` was recorded, and which was not divided yet';
const PERSON = 'a `personId` of `POST /people/searches` or of an upload of people';
const JOB = 'a `job` that an upload with `Prefer: respond-async` answered';
const RECORDER =
  'a recorder of the institution, by `POST /acts/recorders` with a public record of `kudurru recorder key`';
const CYCLE = 'a cycle that is released and open';

export const NEEDED_FIRST: Readonly<Record<string, string>> = {
  'POST /enrolments': 'the one-time link that the gateway prints at its first start',
  'POST /sessions': 'a token in force, which `POST /tokens` answered',
  'POST /own-data/readings': SIGNED_BY_HER,
  'POST /own-data/acts': SIGNED_BY_HER,
  'POST /own-data/certificates': SIGNED_BY_HER,
  'POST /own-data/consents': `${ACT}, and a consent to it by the key of a holding or charge`,
  'POST /own-data/code-readings':
    'a code of `POST /people/{personId}/reading-codes`, as it stands on the paper',
  'POST /acts/appointments': 'a public record of `kudurru officer new`, by whoever is appointed',
  'POST /acts/key-changes':
    'a new key of the officer (`kudurru officer key`), and the epoch that `GET /officers` says of the old one',
  'POST /acts/cards': 'a key of the new card, shown by its own signature (`kudurru card make`)',
  'POST /acts/tills': 'a key of the till, shown by its own signature (`kudurru till key`)',
  'POST /acts/recorders': 'a key of the recorder, shown by its own signature (`kudurru recorder key`)',
  'POST /acts/recorder-ends': RECORDER,
  'POST /recorder/erasures': RECORDER,
  'POST /recorder/roots': RECORDER,
  'GET /institutions/{institution}/recorder': RECORDER,
  'GET /acts/{id}': ACT,
  'DELETE /acts/{id}': ACT,
  'POST /acts/{id}/signatures': `${ACT}, and a signature of it by \`kudurru officer sign\``,
  'POST /acts/withdrawals': `${ACT}, which was signed and not recorded`,
  'GET /jobs/{id}': JOB,
  'DELETE /jobs/{id}': JOB,
  'GET /operations/{id}': 'the `operation` that the last signature of an act answered, or a batch of sales',
  'GET /measures/{measureId}': MEASURE,
  'POST /measures/{measureId}/execution': `${MEASURE}; its votes are there and its wait is over`,
  'POST /measures/{measureId}/lapse': `${MEASURE}; its time is over`,
  'POST /measures/{measureId}/rescheduling': `${MEASURE}; members, quorum or wait were changed since`,
  'POST /acts/discharges': 'a mortgage on the title, with the `restrictionId` that the title says',
  'POST /acts/cycles':
    'a roll of the cycle: `PUT /programmes/{programme}/cycles/{cycle}/roll`, whose `root` it names',
  'PUT /programmes/{programme}/cycles/{cycle}/roll':
    'people enrolled in the programme, and a number that no cycle of it has yet',
  'POST /acts/enrolments':
    'people whom `PUT /programmes/{programme}/registrations` took up, each with a `personId` and a card',
  'GET /people/{personId}': PERSON,
  'GET /people/{personId}/access-log': PERSON,
  'POST /people/{personId}/reading-codes': PERSON,
  'POST /erasures': PERSON,
  'POST /erasures/signatures':
    'an erasure that `POST /erasures` answered, and a signature of it by `kudurru erasure sign`',
  'POST /tokens/{id}/renewals': 'a token in force, with the `id` of `GET /tokens`',
  'GET /titles/{baUnit}/division': DIVIDING,
  'POST /titles/{baUnit}/division': DIVIDING,
  'POST /acts/division-cancellations': DIVIDING,
  'POST /titles/{baUnit}/sweep': 'a title on which a caution or a charge has lapsed',
  'POST /acts/credit-releases':
    'sales that a shop posted after it was suspended: `disputed` in `GET /vendors/{vendor}/account`',
  'POST /acts/settlements': 'what a shop may be paid: `payable` in `GET /vendors/{vendor}/account`',
  'POST /acts/cycle-steps': CYCLE,
  'POST /redemptions': `${CYCLE}, and a batch that a till and cards signed (\`kudurru till sell\`)`,
  'POST /acts/officer-releases': 'an officer whom a colleague suspended',
  'POST /acts/resumptions': 'a programme that is paused',
  'POST /acts/pause-ends': 'scopes that are paused: `inForce` of `GET /pauses`',
  'POST /acts/registrations': 'a parcel that was surveyed: `PUT /parcels`, whose `baUnit` it names',
  'POST /acts/parts':
    'a title of common land (registered with `quotaTotal`), and parcels that were surveyed: `PUT /parcels`',
  'POST /acts/subdivisions':
    'plots that were surveyed on the ground of the title: `PUT /parcels` with its number as `replacing`',
  'POST /acts/divisions':
    'plots that were surveyed on the ground of the title: `PUT /parcels` with its number as `replacing`',
  'POST /acts/consolidations':
    'a parcel that was surveyed on the ground of the titles: `PUT /parcels` with their numbers as `replacing`',
};
