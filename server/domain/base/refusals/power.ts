import type { RefusalRow } from './row.ts';

const PREPARE_AGAIN = 'Prepare the act again and have it signed within its time.';

/** Who may act, and when: errors of the Charter, the Consortium, the Council, the Safeguards and every journal. */
export const powerRefusals = {
  'not-the-authority': {
    kind: 'forbidden',
    message: 'Only the authority the Charter names may do this.',
    remedy: 'Have the member institutions vote on it.',
    rule: 'BB3',
  },
  'validator-set-unchanged': {
    kind: 'conflict',
    message: 'The validator is in the set already, or was never in it.',
    remedy: 'Read the set in force and decide again.',
  },
  'too-few-validators': {
    kind: 'invalid',
    message: 'The removal would leave fewer validators than the Charter allows.',
    remedy: 'Add the successor first.',
    rule: 'BB2',
  },
  'too-many-validators': {
    kind: 'exhausted',
    message: 'The set of validators is full.',
    remedy: 'Remove a validator first.',
  },
  'not-a-contract': {
    kind: 'invalid',
    message: 'There is no contract at the address that should be an authority, a register or a verifier.',
    remedy: 'Deploy the contract first and name its address.',
  },
  'register-is-frozen': {
    kind: 'gone',
    message: 'The register is frozen and another continues it.',
    remedy: 'Send the act to the register the Charter names now.',
  },
  'correction-unfounded': {
    kind: 'invalid',
    message: 'The act corrects no entry of its register about the same object.',
    remedy: 'Name an entry of that unit or programme, in an act about it alone, or leave the correction out.',
    rule: 'L3',
  },
  'act-not-yet-valid': {
    kind: 'conflict',
    message: 'The act may not be recorded before the time it names.',
    remedy: 'Send it again when its time has come; its signatures stay good.',
  },
  'act-expired': {
    kind: 'conflict',
    message: 'The time within which the act could be recorded has passed.',
    remedy: PREPARE_AGAIN,
  },
  'never-in-time': {
    kind: 'invalid',
    message:
      'There is no second at which this could be recorded: its first one comes after its last one, or after the act has lapsed here.',
    remedy: 'Name times that overlap: `notBefore` is the first second and `deadline` the last.',
  },
  'approval-expired': {
    kind: 'conflict',
    message: 'The time within which the approval counts is over, or ends before the act may be recorded.',
    remedy: 'Have the act approved again; consents stay good.',
  },
  'batch-items-differ': {
    kind: 'invalid',
    message: 'The items of the batch are not the ones that were signed.',
    remedy: PREPARE_AGAIN,
  },
  'batch-size-out-of-range': {
    kind: 'exhausted',
    message: 'The batch is empty or larger than its register takes.',
    remedy: 'Split it and have each part signed.',
  },
  'batch-not-atomic': {
    kind: 'invalid',
    message: 'The batch asks to be recorded in part, which this version does not offer.',
    remedy: 'Sign the batch as atomic.',
  },
  'act-withdrawn': {
    kind: 'conflict',
    message: 'One of its officers has withdrawn the act.',
    remedy: PREPARE_AGAIN,
  },
  'register-not-begun': {
    kind: 'conflict',
    message: 'The register begins only when the one before it is frozen.',
    remedy: 'Send the act to the register the Charter names now.',
  },
  'not-the-predecessor': {
    kind: 'forbidden',
    message: 'A register is continued once, by the one it succeeds.',
    remedy:
      'Deploy the successor with the register in force as its predecessor, and vote to put it in force.',
  },
  'nothing-to-import': {
    kind: 'conflict',
    message: 'The register awaits no words: it has begun, or the one before it is still in force.',
    remedy: 'Load the words of a vote into the successor that the vote put in force.',
  },
  'import-size-out-of-range': {
    kind: 'invalid',
    message: 'A chunk of an import has no word, more than {limit}, or not one word a slot.',
    remedy: 'Send the words in smaller chunks, a slot for each.',
  },
  'import-out-of-reach': {
    kind: 'forbidden',
    message: 'An import would write what belongs to the journal.',
    remedy: 'Leave the journal out of what is voted for: it goes on by its final head.',
  },
  'import-stale': {
    kind: 'conflict',
    message: 'The register has an entry younger than its successor.',
    remedy: 'Deploy the successor again and vote on that one.',
    rule: 'P11',
  },
  'import-differs': {
    kind: 'forbidden',
    message: 'These are not the next words that the members voted for.',
    remedy: 'Send the words in the order of the fold that the vote names, from the first that is missing.',
  },
  'ledger-nonce-missing': {
    kind: 'invalid',
    message: 'The register would belong to no ledger: it was given no nonce.',
    remedy: 'Deploy it with the nonce of the ledger that its founding file names.',
    rule: 'P2',
  },
  'second-person-required': {
    kind: 'forbidden',
    message: 'Preparer and approver are one person.',
    remedy: 'Have another officer approve the act.',
    rule: 'P1',
  },
  'scope-is-paused': {
    kind: 'conflict',
    message: 'What the act belongs to is paused.',
    remedy: 'Wait for the end of the pause, or have two officers release it.',
    rule: 'B8',
  },
  'officer-unknown': {
    kind: 'forbidden',
    message: 'There is no officer of that id.',
    remedy: 'Have two admin officers of the institution appoint the officer.',
  },
  'officer-is-revoked': {
    kind: 'forbidden',
    message: 'The key of the officer was revoked.',
    remedy: 'Have another officer sign.',
    rule: 'P3',
  },
  'officer-is-suspended': {
    kind: 'forbidden',
    message: 'A colleague suspended the officer.',
    remedy:
      'Have another officer sign. Two admins lift the suspension (`member free`), or the members by a vote (`member propose free-officer`).',
    rule: 'P3',
  },
  'officer-not-yet-active': {
    kind: 'conflict',
    message: 'The wait after an appointment or a change of key is not over.',
    remedy: 'Have another officer sign, or wait.',
    rule: 'P5',
  },
  'officer-epoch-stale': {
    kind: 'conflict',
    message: 'The key of the officer was replaced, or the signature names another key.',
    remedy: 'Sign with the key in force and name its epoch.',
    rule: 'P3',
  },
  'institution-is-barred': {
    kind: 'forbidden',
    message: 'The institution of the officer is suspended or expelled.',
    remedy: 'Have an officer of another institution sign, or have the members lift the suspension.',
  },
  'office-of-another': {
    kind: 'forbidden',
    message: 'The office is none that this token works for: another institution keeps it, or nobody does.',
    remedy: 'Name an office that the institution of the token keeps, and that the token is of.',
  },
  'approval-unneeded': {
    kind: 'conflict',
    message: 'One officer orders this alone, and nobody approves it.',
    remedy: 'Hand in the signature of the officer that the order names, as the preparer.',
  },
  'withdrawal-without-effect': {
    kind: 'forbidden',
    message:
      'The officer neither prepares this act nor approved it, so that the withdrawal would change nothing.',
    remedy: 'Let the officer who prepares it take it back, or the one whose approval was handed in.',
  },
  'withdrawal-of-an-order': {
    kind: 'invalid',
    message:
      'One officer orders this alone, and the ledger takes nothing back of it: only an act that two sign is withdrawn.',
    remedy:
      'A vote is taken back by voting against the measure (`kudurru member vote --against`), a pause ends by `member unpause`, a suspension by `member free`; what nobody handed in a signature of is given up by `kudurru desk take-back`.',
  },
  'ledger-seals-alone': {
    kind: 'conflict',
    message: 'One gateway seals this ledger alone: the vote would decide nothing.',
    remedy: 'Vote on validators of a network; docs/operating.md says how one begins.',
  },
  'nobody-to-approve': {
    kind: 'conflict',
    message:
      'No other officer could approve this in time, before the suspension or pause is over or the act lapses: each is suspended, narrowed, revoked or without the role.',
    remedy:
      'Let the suspension end, or give the act a later deadline; else the members free an officer by a vote (`kudurru member propose free-officer`), revoke one, or seat others (`reseat-institution`).',
    rule: 'P9',
  },
  'office-out-of-scope': {
    kind: 'forbidden',
    message: 'The office of the act is not in the scope of the officer.',
    remedy: 'Have an officer of that office sign.',
  },
  'role-missing': {
    kind: 'forbidden',
    message: 'The officer does not hold the role the act needs.',
    remedy: 'Have an officer with the role sign.',
    rule: 'BR1',
  },
  'officer-is-narrowed': {
    kind: 'forbidden',
    message:
      'The officer suspended a colleague alone, and meanwhile signs no vote and no act of power or aid.',
    remedy:
      'Have another officer sign, or wait until the suspension would be over. Where too few others are left, the members free the colleague by a vote (`member propose free-officer`).',
    rule: 'P9',
  },
  'institution-differs': {
    kind: 'forbidden',
    message: 'The act belongs to another institution than that of the officer.',
    remedy: 'Have officers of that institution sign.',
  },
  'second-institution-required': {
    kind: 'forbidden',
    message: 'The act needs officers of two institutions.',
    remedy: 'Have an officer of another institution approve it.',
    rule: 'P1',
  },
  'verifier-not-allowed': {
    kind: 'forbidden',
    message:
      'The contract that would check the key is not allowed, or not for this kind of key, or there is none at its address.',
    remedy: 'Use a key of another kind, or have the members allow the verifier once it is deployed.',
  },
  'bad-signature': {
    kind: 'invalid',
    message: 'A signature is not that of the officer over these bytes.',
    remedy: 'Sign the act again exactly as it was prepared.',
    rule: 'BR2',
  },
  'officer-exists': {
    kind: 'conflict',
    message: 'The id of the officer was given before.',
    remedy: 'Appoint with new keys and a new salt.',
  },
  'key-not-possessed': {
    kind: 'forbidden',
    message: 'A key did not sign that it is the key of this officer, institution and epoch.',
    remedy: 'Have the holder of the key sign its possession for this ledger.',
    rule: 'P3',
  },
  'suspension-length-out-of-range': {
    kind: 'invalid',
    message:
      'The suspension is over already, longer than the limit, or ends before the officer is free to vote.',
    remedy:
      'Name an end within 72 hours, after the last suspension by that officer; two admins or the members decide beyond it.',
    rule: 'P9',
  },
  'suspension-too-soon': {
    kind: 'conflict',
    message: 'Who is named was suspended not long ago, or the officer suspends another colleague now.',
    remedy:
      'Have two admins revoke the officer, or the members vote; an institution rests as long as it was suspended.',
    rule: 'P9',
  },
  'act-already-recorded': {
    kind: 'conflict',
    message: 'This very act was recorded already.',
    remedy: 'Prepare and sign it anew.',
    rule: 'P2',
  },
  'officer-not-suspended': {
    kind: 'conflict',
    message: 'The officer is not suspended.',
    remedy: 'Nothing is to be lifted.',
  },
  'too-many-admins': {
    kind: 'exhausted',
    message: 'The institution has as many officers of every office who manage the others as it may.',
    remedy: 'Revoke one first, or appoint for one office.',
    rule: 'P7',
  },
  'roles-out-of-range': {
    kind: 'invalid',
    message: 'A role is missing, means nothing, or is not one the institution may give.',
    remedy: 'Appoint with roles of the institution, or have the members widen them.',
  },
  'key-malformed': {
    kind: 'invalid',
    message: 'The fields of the key do not fit its kind.',
    remedy: 'Give a verifier to P-256 keys, and verifier and relying party to passkeys, and to no other.',
  },
  'key-already-used': {
    kind: 'conflict',
    message: 'The key was the key of an officer before.',
    remedy: 'Make a new key: keys are never shared and never return.',
    rule: 'P3',
  },
  'suspicion-in-future': {
    kind: 'invalid',
    message: 'A key is suspected from a moment still to come.',
    remedy: 'Name a moment that has passed, or none.',
  },
  'institution-unknown': {
    kind: 'missing',
    message: 'There is no institution of that number.',
    remedy: 'Have the members admit it first.',
  },
  'institution-number-taken': {
    kind: 'conflict',
    message: 'The number was given to an institution before, or is outside 1 to 127.',
    remedy: 'Take the next free number.',
  },
  'institution-needs-two-admins': {
    kind: 'invalid',
    message: 'The institution would not have two officers who can manage the others.',
    remedy: 'Appoint a preparer and another approver with the admin roles.',
  },
  'institution-needs-three-admins': {
    kind: 'invalid',
    message: 'Without one of its officers a founding institution could not manage the others.',
    remedy: 'Found it with three officers who manage the others, two of whom prepare and two approve.',
    rule: 'P9',
  },
  'institution-can-manage': {
    kind: 'conflict',
    message: 'The institution can still manage its own officers.',
    remedy: 'Have its own admin officers appoint.',
  },
  'institution-unchanged': {
    kind: 'conflict',
    message: 'The institution is already what the measure would make it, or is expelled for good.',
    remedy: 'Read how the institution stands and decide again.',
  },
  'office-unchanged': {
    kind: 'conflict',
    message: 'The office is zero, is kept by that institution already, or is given to two at founding.',
    remedy: 'Name an office that another institution keeps, or nobody.',
  },
  'quorum-out-of-range': {
    kind: 'invalid',
    message:
      'The quorum is zero, above the number of active members, below two once seated, or all of three or more.',
    remedy: 'Choose a quorum of two at least, and of three or more members one fewer than all at most.',
    rule: 'P4',
  },
  'members-below-quorum': {
    kind: 'conflict',
    message:
      'Too few members would remain to go on without one of them: three never become fewer, and the quorum is never all of three or more, nor more than are active.',
    remedy:
      'Where three would become two, admit another member first: no quorum helps. Else lower the quorum, admit a member, or lift a suspension first.',
    rule: 'P9',
  },
  'wait-out-of-range': {
    kind: 'invalid',
    message: 'The wait is shorter or longer than the limits.',
    remedy: 'Choose a wait between one and ninety days.',
    rule: 'P5',
  },
  'validators-differ': {
    kind: 'invalid',
    message: 'The consortium names other validators than the set of the Charter, in its order.',
    remedy: 'Name the validators of this moment in the founding file, each with its institution.',
    rule: 'P9',
  },
  'validators-concentrated': {
    kind: 'forbidden',
    message: 'An institution would come to hold a third of the validators or more.',
    remedy: 'Have another institution run the validator, or first add validators of others.',
    rule: 'P9',
  },
  'too-many-policies': {
    kind: 'exhausted',
    message: 'As many policies are named as may be.',
    remedy: 'Set a policy whose name is in use, or have a register read its value elsewhere.',
    rule: 'P7',
  },
  'not-the-council': {
    kind: 'forbidden',
    message: 'Only the Council carries a measure to the consortium.',
    remedy: 'Have the members vote, and execute the measure there.',
    rule: 'BB3',
  },
  'not-the-safeguards': {
    kind: 'forbidden',
    message: 'Only the Safeguards mark a pause.',
    remedy: 'Pause through the Safeguards.',
  },
  'not-the-personnel': {
    kind: 'forbidden',
    message: 'Only the Personnel register in force changes officers.',
    remedy: 'Send the act to the Personnel register.',
    rule: 'P1',
  },
  'appointments-differ': {
    kind: 'invalid',
    message: 'The appointments are not the ones that were voted on.',
    remedy: 'Send exactly the appointments the measure names, in their order.',
  },
  'appointments-unknown': {
    kind: 'missing',
    message: 'This gateway does not know whom the measure appoints: it was proposed at another one.',
    remedy: 'Give the public records of the officers (`--officer`), in the order of the measure.',
  },
  'measure-missing': {
    kind: 'missing',
    message: 'There is no measure of that id.',
    remedy: 'List the measures of the members.',
  },
  'policy-unknown': {
    kind: 'invalid',
    message: 'No register reads a policy of that name.',
    remedy: 'Name one of docs/operating.md, or give the hash of its name.',
  },
  'not-a-member': {
    kind: 'forbidden',
    message: 'The institution has no vote.',
    remedy: 'Have a member institution vote.',
  },
  'measure-malformed': {
    kind: 'invalid',
    message: 'The measure has no kind, or sets a field its kind does not use, or leaves one out.',
    remedy: 'Set exactly the fields of its kind.',
  },
  'voting-too-long': {
    kind: 'invalid',
    message: 'Voting would stay open longer than sixty days.',
    remedy: 'Let it close earlier.',
  },
  'voting-too-short': {
    kind: 'invalid',
    message: 'Voting would be over before anybody could vote.',
    remedy: 'Name an end that is to come, within sixty days: `--voting-days`, from 1 to 60.',
  },
  'too-many-open-measures': {
    kind: 'exhausted',
    message: 'The institution has as many measures open as it may.',
    remedy: 'Let one be executed or lapse first.',
    rule: 'P7',
  },
  'measure-is-closed': {
    kind: 'conflict',
    message: 'The measure was executed or has lapsed.',
    remedy: 'Open a new measure.',
  },
  'voting-is-closed': {
    kind: 'conflict',
    message: 'The time for voting is over.',
    remedy: 'Open a new measure.',
  },
  'vote-unchanged': {
    kind: 'conflict',
    message: 'The vote of the institution stands already.',
    remedy:
      'Nothing needs to be done. A vote for the measure is taken back by voting against it (`member vote --against`), for good.',
  },
  'vote-against-stands': {
    kind: 'conflict',
    message:
      'The institution voted against the measure, which is for good: it can never come to vote for it.',
    remedy: 'Where it thinks otherwise by now, propose the same as a new measure.',
  },
  'quorum-missing': {
    kind: 'conflict',
    message: 'The measure does not have the votes of a quorum of the members.',
    remedy: 'Have more members vote for it.',
    rule: 'P4',
  },
  'wait-begins-anew': {
    kind: 'conflict',
    message: 'Members, quorum or wait were changed since the wait of the measure began.',
    remedy: 'Reschedule the measure, and execute it when its new time has come.',
    rule: 'P5',
  },
  'register-named-twice': {
    kind: 'conflict',
    message: 'The directory holds the register already.',
    remedy: 'Name a register that the directory does not hold.',
    rule: 'P9',
  },
  'register-not-listed': {
    kind: 'invalid',
    message: 'The directory has no such name.',
    remedy: 'Name a register of the closed list.',
    rule: 'P9',
  },
  'successor-is-weaker': {
    kind: 'conflict',
    message:
      'The successor would begin with less than it replaces: phase, members, waits, pauses, policies, halts, what it kept.',
    remedy: 'Found the successor with no less, and change it by a vote of its own.',
    rule: 'P11',
  },
  'too-few-could-manage': {
    kind: 'conflict',
    message:
      'Afterwards fewer members could manage their officers than the quorum and one more: the next loss could end the ledger.',
    remedy:
      'Have members appoint officers with keys of another kind, reseat one that cannot, or lower the quorum first.',
    rule: 'P9',
  },
  'wait-not-over': {
    kind: 'conflict',
    message: 'The wait between the vote and its execution is not over.',
    remedy: 'Execute it when its time has come.',
    rule: 'P5',
  },
  'measure-expired': {
    kind: 'conflict',
    message: 'The measure was not executed within thirty days of its time.',
    remedy: 'Open a new measure.',
  },
  'measure-is-open': {
    kind: 'conflict',
    message: 'The measure can still be voted on or executed, or was never opened.',
    remedy:
      'Lapse it once its time is over. It is rescheduled only after members, quorum or wait were changed.',
  },
  'measure-as-scheduled': {
    kind: 'conflict',
    message:
      'Neither members nor quorum nor wait were changed since the measure was opened or its wait began, so that nothing begins anew.',
    remedy:
      'Vote on it while it lacks votes, and execute it when it has them and has waited; `kudurru member measures` says what it lacks.',
  },
  'pause-scope-out-of-range': {
    kind: 'invalid',
    message: 'The pause names nothing, or something that does not exist.',
    remedy: 'Name scopes of the list.',
  },
  'pause-length-out-of-range': {
    kind: 'invalid',
    message: 'The pause ends in the past, later than the limit, or before the one in force.',
    remedy:
      'Choose an end within 72 hours, or within 90 days by two institutions; release a pause to end it early.',
  },
  'pause-needs-two-institutions': {
    kind: 'forbidden',
    message: 'One officer cannot stop redemption.',
    remedy: 'Have officers of two institutions sign the pause.',
    rule: 'AA1',
  },
  'pause-too-soon': {
    kind: 'conflict',
    message: 'The scope is paused, or lone officers of the institution stopped it for a tenth of the time.',
    remedy: 'Have officers of two institutions sign a longer pause.',
  },
  'scope-not-paused': {
    kind: 'conflict',
    message: 'The release names a scope that is not paused.',
    remedy: 'Name the scopes that are paused.',
  },
  'pause-stale': {
    kind: 'conflict',
    message: 'Two institutions paused or released something since the act was prepared, or it was recorded.',
    remedy: PREPARE_AGAIN,
  },
  'halt-out-of-range': {
    kind: 'invalid',
    message: 'The halt is not in the past, ended more than fourteen days ago, or lasted less than an hour.',
    remedy:
      'Name the times of the last block before and of the first block after, within the days of the limit.',
    rule: 'P10',
  },
  'halt-not-silent': {
    kind: 'forbidden',
    message: 'A register was not silent all through the halt, or no silence or another one was named for it.',
    remedy:
      'Name a halt inside a silence of six hours or more of every register: the gateway finds the silences from the times.',
    rule: 'P10',
  },
} as const satisfies Record<string, RefusalRow>;
