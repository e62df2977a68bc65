import type { RefusalRow } from './row.ts';

/** What the gateway itself refuses before any rule of land or benefits is asked. */
export const gatewayRefusals = {
  'setting-malformed': {
    kind: 'malformed',
    message: 'The setting {setting} is not {what}.',
    remedy: 'Correct it and start again; `kudurru up --help` lists the settings.',
  },
  'setting-unknown': {
    kind: 'malformed',
    message: 'There is no setting {setting}; the nearest is {nearest}.',
    remedy: 'Correct its name or take it out; `kudurru up --help` lists the settings.',
  },
  'setting-missing': {
    kind: 'missing',
    message: 'The setting {setting} is not there, and {for} needs it.',
    remedy: 'Set both, or neither; `kudurru up --help` says what each is.',
  },
  'setting-contradicted': {
    kind: 'conflict',
    message: 'The settings {setting} and {other} contradict each other: a network was founded before.',
    remedy: 'Take one of them out.',
  },
  'network-file-unreadable': {
    kind: 'missing',
    message: 'The file that {setting} names cannot be read.',
    remedy: 'Name a file that is there and that this user may read.',
  },
  'network-credentials-malformed': {
    kind: 'malformed',
    message:
      'The file of KUDURRU_NODE_CREDENTIALS has no line for each node, or a line that is neither `Bearer TOKEN` nor `NAME:PASSWORD`.',
    remedy: 'Write one line for all nodes, or one for each in the order of KUDURRU_NODES.',
  },
  'founding-file-missing': {
    kind: 'missing',
    message: 'There is no file where KUDURRU_FOUNDING says.',
    remedy: 'Name the file that `kudurru officer founding` wrote; without the setting nothing is founded.',
  },
  'port-in-use': {
    kind: 'conflict',
    message: 'Something else listens on the port that {setting} names.',
    remedy: 'Stop it, or set another port.',
  },
  'malformed-body': {
    kind: 'malformed',
    message: 'The body is not well-formed JSON at character {position}.',
    remedy: 'Send strict JSON in UTF-8: no trailing text, no lone surrogates, no `__proto__`.',
  },
  'body-too-deep': {
    kind: 'malformed',
    message: 'The body nests deeper than {limit} levels.',
    remedy: 'Send the shape the API page shows.',
  },
  'duplicate-field': {
    kind: 'malformed',
    message: 'The body names a field twice.',
    remedy: 'Name every field once: two readers would otherwise see two different requests.',
  },
  'number-out-of-range': {
    kind: 'malformed',
    message: 'The body holds a number that JSON readers would round.',
    remedy: 'Write money, units and other large integers as decimal strings.',
  },
  'body-too-large': {
    kind: 'exhausted',
    message: 'The body is larger than {limitBytes} bytes.',
    remedy: 'Send it in parts, or use the streaming route for files.',
    rule: 'CS3',
  },
  'media-type-unsupported': {
    kind: 'malformed',
    message: 'This route does not read that media type.',
    remedy: 'Send the media type the API page names, with charset UTF-8 or none.',
  },
  'nothing-recorded-of': {
    kind: 'missing',
    message: 'No entry of the ledger is about this id, or its history is for another office.',
    remedy: 'Compare the id; ask the institution whose programme, vendor or title it is.',
  },
  'refusal-unknown': {
    kind: 'missing',
    message: 'No refusal has this code.',
    remedy: 'Look the code up in the list at `/refusals`.',
  },
  'rule-unknown': {
    kind: 'missing',
    message: 'No rule, requirement or standard has this name.',
    remedy: 'Look it up in the list at `/rules`.',
  },
  'method-not-allowed': {
    kind: 'malformed',
    message: 'This path does not answer that method.',
    remedy: 'Use one of the methods in the `Allow` header.',
  },
  'header-repeated': {
    kind: 'malformed',
    message: 'The request has a header more than once that says one thing.',
    remedy: 'Send it once: a front and the gateway could each go by another of the two.',
  },
  'headers-too-large': {
    kind: 'malformed',
    message: 'The request line and the headers are longer than 16 KiB together.',
    remedy: 'Send fewer and shorter headers; what is long belongs into the body.',
  },
  'request-malformed': {
    kind: 'malformed',
    message: 'What arrived is no HTTP request that the gateway reads, or is framed in two ways.',
    remedy: 'Use a client of HTTP/1.1, with one length or in chunks; nothing is upgraded here.',
  },
  'host-missing': {
    kind: 'malformed',
    message: 'The request names no host.',
    remedy: 'Send the header `Host`, as HTTP/1.1 asks.',
  },
  'bodies-under-way': {
    kind: 'exhausted',
    message:
      'Files of {limitMiB} MiB are under way for you already, or as many of all callers together as the gateway holds.',
    remedy: 'Send it again when one of them is answered.',
  },
  'reads-waiting': {
    kind: 'exhausted',
    message:
      'Lists, searches and certificates are answered {atOnce} at a time for one caller, and {limit} of yours wait already.',
    remedy: 'Send it again when some of them are answered.',
    rule: 'CS3',
  },
  'gateway-stopping': {
    kind: 'exhausted',
    message: 'The gateway is stopping, and has ended the work that this request waited for.',
    remedy: 'Send the same request again when it is back.',
  },
  'request-too-slow': {
    kind: 'malformed',
    message: 'The request was not there within the time for it.',
    remedy: 'Send it again in one go.',
  },
  'expectation-unknown': {
    kind: 'malformed',
    message: 'The gateway knows no expectation but `100-continue`.',
    remedy: 'Leave the header `Expect` out.',
  },
  'data-folder-in-use': {
    kind: 'conflict',
    message: 'Another process owns this data folder.',
    remedy:
      'Stop what runs on it first; `fsck`, `succession` and `verifier` ask a running gateway by themselves.',
  },
  'key-folder-missing': {
    kind: 'missing',
    message: 'This data folder has rows, and its keys are not in {folder}.',
    remedy:
      'Put the folder of its keys back there: without them no row can be read or told from a forged one.',
  },
  'keys-of-another-ledger': {
    kind: 'missing',
    message: "These are not this ledger's keys: no row of the data folder opens with those beside it.",
    remedy:
      'Put the folder of keys back that belongs to this data. Nothing was changed; only where these are surely its keys, every row was overwritten.',
  },
  'key-folder-older': {
    kind: 'missing',
    message:
      'The keys in {folder} are not all that this data folder was written with: they are of an earlier day.',
    remedy:
      'Put the newest copy of that folder back: with this one people who are known would not be found. Nothing was changed.',
  },
  'keys-on-disk': {
    kind: 'forbidden',
    message:
      'This ledger is seated, and the keys that open every record of it lie on the disk of this machine.',
    remedy:
      'Name a hardware token with `KUDURRU_KEY_TOKEN`, or say with `KUDURRU_ACCEPT_KEYS_ON_DISK=1` that whoever copies the data and the folder beside it may read every record. Nothing was changed.',
  },
  'key-token-unnamed': {
    kind: 'missing',
    message: 'The keys of this ledger are opened by a hardware token, and no setting names it.',
    remedy:
      'Set `KUDURRU_KEY_TOKEN`, `KUDURRU_KEY_TOKEN_MODULE` and `KUDURRU_KEY_TOKEN_PIN_FILE` as at the starts before. Nothing was changed.',
  },
  'key-token-missing': {
    kind: 'exhausted',
    message: 'The hardware token of the keys cannot be asked: {what} is not there.',
    remedy:
      'Plug the token in or install what is named, and start again. Nothing is lost: a gateway that runs goes on with the keys of this month.',
  },
  'key-token-silent': {
    kind: 'exhausted',
    message: 'The hardware token of the keys did not answer within {seconds} seconds.',
    remedy: 'Look at its connection and at who else uses it, and start again. Nothing was changed.',
  },
  'key-token-pin-refused': {
    kind: 'forbidden',
    message: 'The hardware token of the keys refused the PIN.',
    remedy:
      'Correct the file of `KUDURRU_KEY_TOKEN_PIN_FILE` before any other start: the token counts, and locks itself after a few tries.',
  },
  'key-token-locked': {
    kind: 'forbidden',
    message: 'The hardware token of the keys has locked itself after wrong PINs.',
    remedy:
      'Unlock it with the PIN of its security officer, as its maker says, correct the file of the PIN, and start again. Its keys are still there.',
  },
  'key-token-differs': {
    kind: 'missing',
    message: 'The hardware token does not have the key that the keys of this ledger lie under.',
    remedy:
      'Plug in the token that was used before, or its backup. Nothing was changed; a key of another token opens nothing here.',
  },
  'key-token-extractable': {
    kind: 'conflict',
    message:
      'The token does not say of its key of {month} that it is always sensitive and never extractable.',
    remedy:
      'Have the token make keys that never leave it, and take away what something else made under this name.',
  },
  'key-month-expired': {
    kind: 'missing',
    message:
      'This key store is of an old backup: {keys} of its keys lie under wrapping keys of {month}, destroyed since.',
    remedy:
      'Put a younger copy of the folder `keyStore` back. Nothing was changed; what nobody has a younger copy of cannot be read ' +
      'any more, by anybody.',
  },
  'store-missing': {
    kind: 'conflict',
    message: 'The folder {folder} is missing or empty, and what it belongs to is there.',
    remedy:
      'Put it back from the same backup as the rest of the data folder. Nothing was founded in its place. If nothing is to ' +
      'come back and a ledger is to begin anew, move the data folder and its folder of keys away first.',
  },
  'data-folder-older': {
    kind: 'conflict',
    message: 'This data folder was written by an older version, in a form that this one does not read.',
    remedy: 'Start the version that wrote it, or found a new ledger; nothing in the folder was changed.',
  },
  'data-folder-newer': {
    kind: 'conflict',
    message: 'This data folder was written by a newer version.',
    remedy: 'Start the version that wrote it, or a later one; this one would read it wrongly.',
  },
  'read-only': {
    kind: 'exhausted',
    message: 'The disk is nearly full: less than {floorMiB} MiB are free, so nothing new is accepted.',
    remedy: 'Free disk space. Reading goes on, and what was accepted is being finished.',
  },
  'disk-read-only': {
    kind: 'exhausted',
    message: 'The disk of the data folder takes no writes: it is mounted read-only.',
    remedy: 'Mount it for writing. Reading goes on, and writing as soon as the disk takes it.',
  },
  'disk-full': {
    kind: 'exhausted',
    message:
      'The disk of the data folder, {disk}, has {freeMiB} MiB free and needs {missingMiB} MiB more to start.',
    remedy: 'Free that much on this disk and start again; nothing was changed.',
  },
  'journal-block-missing': {
    kind: 'missing',
    message: 'The journal of this ledger lacks block {blockNumber}.',
    remedy: 'Restore the data folder from a backup or rebuild it from another node.',
  },
  'journal-block-damaged': {
    kind: 'invalid',
    message: 'Block {blockNumber} of the journal is not the one that was written.',
    remedy: 'Restore the data folder from a backup or rebuild it from another node.',
  },
  'key-file-exposed': {
    kind: 'forbidden',
    message: 'A key file of this gateway can be read by other users of the machine.',
    remedy: 'Set its mode to 0600, and replace the keys if anybody else may have read them.',
    rule: 'CS2',
  },
  'person-already-known': {
    kind: 'conflict',
    message: 'Another request wrote this person down at the same moment.',
    remedy: 'Send it again: the person is known now, or is put before you as a question.',
  },
  'subject-missing': {
    kind: 'missing',
    message: 'There is no such person here.',
    remedy: 'Check the id and that it belongs to this agency and period.',
  },
  erased: {
    kind: 'gone',
    message: 'These records were destroyed. The erasure log holds the proof.',
    remedy: 'Enrol the person anew if they ask for it.',
    rule: 'DG2',
  },
  'purpose-not-permitted': {
    kind: 'forbidden',
    message: 'Nothing of what was asked for may be read for the purpose {purpose}.',
    remedy: 'Name the purpose you really have, or ask for other classes of data.',
    rule: 'RP4',
  },
  'purpose-of-another-role': {
    kind: 'forbidden',
    message: 'A token of its role reads nobody for the purpose {purpose}, but for: {purposes}.',
    remedy: 'Name the one of these that you really have.',
    rule: 'RP4',
  },
  'own-data-unproved': {
    kind: 'forbidden',
    message: 'For this purpose the person reads, with her own proof, and no officer in her place.',
    remedy: 'Have her card or her key sign a challenge (`/own-data/challenges`), or name your own purpose.',
    rule: 'RP4',
  },
  'challenge-not-valid': {
    kind: 'forbidden',
    message: 'The challenge is not one of this gateway for this card or holding, has ended, or was used.',
    remedy: 'Ask for another and have it signed at once: each opens one reading.',
    rule: 'RP4',
  },
  'search-too-short': {
    kind: 'invalid',
    message: 'What is looked for has fewer than {least} letters or digits: it would be anybody.',
    remedy: 'Give a whole word of the name, or the whole number.',
    rule: 'RP4',
  },
  'search-too-common': {
    kind: 'invalid',
    message: 'More than {most} people may have this word in their names. Nobody was opened.',
    remedy: 'Add another word of the name, or look for a number.',
    rule: 'RP4',
  },
  'search-case-exhausted': {
    kind: 'exhausted',
    message: 'Under this case you were shown {most} people today. Nobody more was opened.',
    remedy: 'Look for a number or for more words of the name, tomorrow or under the case that it is for.',
    rule: 'RP4',
  },
  'readings-exhausted': {
    kind: 'exhausted',
    message: 'You were shown {most} people today, under all cases together. Nobody more was opened.',
    remedy:
      'Go on tomorrow, or have a colleague go on today. Your steward sees how many were shown under which case.',
    rule: 'RP4',
  },
  'reading-code-not-valid': {
    kind: 'forbidden',
    message: 'The code is none that an office gave out, or has ended.',
    remedy: 'Type it again as it stands on the paper, or have the office give out another one.',
    rule: 'RP4',
  },
  'proof-not-by-key': {
    kind: 'forbidden',
    message:
      'The signature is not by the key that the ledger has for an active card or a holding of this place.',
    remedy:
      'Sign with the card in force or the key of the holding, for this ledger; at a counter an officer can help.',
    rule: 'RP4',
  },
  'sharing-agreement-required': {
    kind: 'forbidden',
    message: 'Another institution keeps these records, and no sharing agreement was named.',
    remedy: 'Name the agreement that covers this reading.',
    rule: 'DG4',
  },
  'approval-not-asked': {
    kind: 'forbidden',
    message: 'What another institution says of people in an act is opened to one that must still approve it.',
    remedy:
      'Ask once its preparer has signed and before it is carried out, as an office that two must sign with.',
    rule: 'DG4',
  },
  'reference-malformed': {
    kind: 'invalid',
    message:
      'A case reference has up to {limit} letters, digits and . / _ - and begins with a letter or digit.',
    remedy: 'Use the number of the case or agreement; describe nothing in it.',
    rule: 'XR8',
  },
  'case-reference-required': {
    kind: 'malformed',
    message: 'Nobody is looked at without a case: the request names none.',
    remedy: 'Send the number of the case in the header `X-Case-Reference`.',
    rule: 'XR8',
  },
  'outbox-full': {
    kind: 'exhausted',
    message: 'More than {limit} accepted operations wait for the ledger.',
    remedy: 'Wait for the time in `Retry-After`; reading goes on.',
  },
  'idempotency-key-reused': {
    kind: 'conflict',
    message: 'This `Idempotency-Key` was used for another request.',
    remedy: 'Make a new UUID for a new intention.',
  },
  'request-in-progress': {
    kind: 'conflict',
    message: 'The same request is still running.',
    remedy: 'Ask again in a moment with the same key.',
  },
  'too-many-lists-waiting': {
    kind: 'exhausted',
    message: '{limit} lists for the same place wait for signatures already.',
    remedy:
      'Take back an act that names one of them (`DELETE /acts/{id}`), as its institution may, or have one signed: either makes room.',
    rule: 'CS3',
  },
  'roll-missing': {
    kind: 'missing',
    message: 'No roll of this cycle has this root.',
    remedy: 'Upload the roll and use the root of the answer.',
  },
  'list-missing': {
    kind: 'missing',
    message: 'The list that the officers signed is not on this gateway.',
    remedy: 'Load it from the gateway that prepared it, or restore the backup.',
    rule: 'GE3',
  },
  'act-too-large': {
    kind: 'exhausted',
    message: 'One act opens at most {limit} commitments, so that its signers can read all of them.',
    remedy: 'Divide it: fewer titles, holders or units in one act.',
  },
  'act-beyond-gas': {
    kind: 'exhausted',
    message: 'The register cannot carry this out within the gas of one transaction.',
    remedy: 'Divide it: fewer titles, holders or units in one act.',
  },
  'act-missing': {
    kind: 'missing',
    message: 'There is no such act here, or none of yours.',
    remedy: 'Compare the id with what was answered when the act was prepared; else prepare it again.',
  },
  'act-ended': {
    kind: 'gone',
    message:
      'The act was taken back, or has lapsed: nobody can sign it any more, and what prepared it prepares no other.',
    remedy: 'Where it is wanted after all, prepare it again with another `Idempotency-Key`.',
  },
  'act-executed': {
    kind: 'conflict',
    message: 'This act was carried out already.',
    remedy: 'Follow its operation.',
  },
  'act-lapsed': {
    kind: 'gone',
    message: 'The time to sign this act is over.',
    remedy: 'Prepare the act again.',
  },
  'part-already-signed': {
    kind: 'conflict',
    message: 'This part of the act bears another signature already.',
    remedy: 'Read the act and see who signed it.',
  },
  'records-too-many': {
    kind: 'conflict',
    message: 'More than {limit} records are kept of this person, and this request reads them all at once.',
    remedy: 'Ask the office that keeps the records: it reads them page by page.',
    rule: 'CS3',
  },
  'too-many-acts-kept': {
    kind: 'exhausted',
    message: '{limit} prepared acts of {whose} are kept already.',
    remedy: 'Have acts of yours signed or taken back; those that lapse make room.',
  },
  'too-many-proposals-kept': {
    kind: 'exhausted',
    message: 'This gateway keeps {limit} lists of appointments that this officer voted on already.',
    remedy:
      'Let another officer of the institution sign the vote; places are free again when no measure can name them.',
  },
  'parcel-number-taken': {
    kind: 'conflict',
    message: 'Another parcel of this office has this number.',
    remedy: 'Let the office say which of the two is right.',
    rule: 'UL2',
  },
  'parcel-alias-taken': {
    kind: 'conflict',
    message: 'Another parcel has an id computed from the same corners.',
    remedy: 'Check whether the parcel is recorded already.',
    rule: 'UL2',
  },
  'link-not-valid': {
    kind: 'unauthenticated',
    message: 'This link was used, has ended or was never issued.',
    remedy: 'Ask the administrator of the gateway for a new one.',
  },
  'too-many-tokens': {
    kind: 'exhausted',
    message: '{limit} tokens exist already.',
    remedy: 'Have unused tokens removed.',
  },
  'token-missing': {
    kind: 'missing',
    message: 'There is no such token, or it has ended or was revoked.',
    remedy: 'List the tokens; one that ended is ordered anew, and its holder is another one then.',
    rule: 'CS2',
  },
  'route-missing': {
    kind: 'missing',
    message: 'There is nothing at this address.',
    remedy: 'See the API page for what is served.',
  },
  'validation-failed': {
    kind: 'invalid',
    message: 'A field does not have the shape the route asks for: {problem}.',
    remedy:
      'Send what the message says belongs there; `--help` of a command and the API page say all of it. Nothing was changed.',
  },
  'cursor-unknown': {
    kind: 'invalid',
    message: 'This list answered no such cursor.',
    remedy: 'Send the `next` of the page before as it was written, or none to begin at the start.',
  },
  'request-from-elsewhere': {
    kind: 'forbidden',
    message: 'This request was not made by a page of this gateway.',
    remedy:
      'Open the page of this gateway itself; a program sends `Authorization: Bearer ...` instead of a session.',
  },
  'session-of-another': {
    kind: 'forbidden',
    message: 'Somebody else has signed in on this browser since this page was opened.',
    remedy: 'Open the page again to go on as whoever is signed in now, or sign in as yourself first.',
  },
  'token-not-valid': {
    kind: 'invalid',
    message: 'This token was never issued here, has expired, or was revoked.',
    remedy: 'Look for what was lost when it was copied, or ask the administrator of the gateway for another.',
  },
  'token-required': {
    kind: 'unauthenticated',
    message:
      'This needs a token: none was sent, or one that was not issued here, has expired or was revoked.',
    remedy: 'Send `Authorization: Bearer ...` with a token of this gateway; its administrator issues them.',
  },
  forbidden: {
    kind: 'forbidden',
    message: 'This is for the roles {accepted}, and the token has another: {carried}.',
    remedy: 'Use a token with one of the roles that are named; the administrator of the gateway issues them.',
  },
  'idempotency-key-required': {
    kind: 'malformed',
    message: 'A POST needs an `Idempotency-Key` header that is a UUID.',
    remedy: 'Make one UUID per intention and repeat it on every retry.',
  },
  'rate-limited': {
    kind: 'exhausted',
    message: 'More requests than {limit} a minute came from one caller.',
    remedy: 'Wait for the time in `Retry-After`.',
    rule: 'CS3',
  },
  'operation-missing': {
    kind: 'missing',
    message: 'There is no such operation.',
    remedy: 'Follow the link that the acceptance of the act gave.',
  },
  'signature-not-by-key': {
    kind: 'invalid',
    message: 'The signature is not one of this part of the act by the key it asks for.',
    remedy: 'Sign exactly the typed data that was answered, with the key the act or the officer names.',
    rule: 'BR2',
  },
  'entry-missing': {
    kind: 'missing',
    message: 'No register of this ledger has such an entry.',
    remedy: 'Compare the entry id with the certificate or receipt it is from.',
  },
  'halt-not-over': {
    kind: 'invalid',
    message: 'The halt ends later than now: one is recorded when it is over.',
    remedy: 'Name the time of the first block after it as its end.',
  },
  'halt-too-short': {
    kind: 'invalid',
    message: 'The halt ends less than an hour after it begins: nobody missed anything in a shorter one.',
    remedy: 'Name the times of the last block before and of the first block after it, an hour apart or more.',
  },
  'halt-too-old': {
    kind: 'invalid',
    message: 'The halt ended more than fourteen days ago, and is recorded within fourteen days.',
    remedy: 'Check the times, in seconds since 1970. A halt that ended earlier moves no deadline any more.',
  },
  'halt-entry-inside': {
    kind: 'forbidden',
    message: 'The register {register} recorded an entry on {at}, inside the halt.',
    remedy: 'Name a halt that begins after that entry, or ends before it.',
  },
} as const satisfies Record<string, RefusalRow>;
