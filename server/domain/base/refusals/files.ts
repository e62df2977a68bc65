import type { RefusalRow } from './row.ts';
import { ANSWER, type sheetRefusals } from './sheets.ts';

const EXPORT_AGAIN = 'Export the file again as UTF-8; nothing was changed.';
const NAME_CHARSET =
  'Name the character set the file is in (`charset=windows-1252` is what most spreadsheets write, `windows-1251` of Cyrillic and `windows-1256` of Arabic) and send the ' +
  'file again, or save it as "CSV UTF-8"; lines that were taken stay taken.';
const NAME_PROJECTION =
  'Name the projection in the request (`projection=EPSG:32737`, or PROJ text), never one that is only near it, for a national ' +
  'datum lies hundreds of metres beside WGS 84; or have it converted: ' +
  '`ogr2ogr -f GeoJSON -s_srs EPSG:CODE_OF_THE_FILE -t_srs EPSG:4326 parcels.geojson YOUR_FILE`.';
const CORRECT_LINE = 'Correct the line and send the file again.';
const CORRECT_SHAPE = 'Have the shape corrected by who surveyed it; the gateway repairs none.';
const WHICH_IS_RIGHT = 'Find out which line is right, take the others out, and send the file again.';

/** What a file of parcels, people or entitlements is refused for, whole or line by line. */
export const fileRefusals = {
  'file-empty': {
    kind: 'malformed',
    message: 'The file is empty, or holds nothing below its first line.',
    remedy: EXPORT_AGAIN,
  },
  'file-too-large': {
    kind: 'exhausted',
    message: 'The file is larger than {limitBytes} bytes.',
    remedy: 'Send it in parts.',
    rule: 'CS3',
  },
  'file-too-many-lines': {
    kind: 'exhausted',
    message: 'The file has more than {limit} lines of data.',
    remedy: 'Send it in parts.',
    rule: 'CS3',
  },
  'file-not-utf8': {
    kind: 'malformed',
    message: 'The file looks like UTF-16, and neither a byte-order mark nor the request says so.',
    remedy: 'Name the character set: `charset=utf-16le` or `charset=utf-16be`; nothing was changed.',
  },
  'file-is-script': {
    kind: 'malformed',
    message: 'The file is a script that gives data a name, as web maps are published.',
    remedy:
      'Take off everything before the first brace and after the last, and send what is left as GeoJSON.',
  },
  'parcels-format-other': {
    kind: 'malformed',
    message: 'The file is {format}, which is not read as parcels.',
    remedy:
      'Convert it with GDAL: `ogr2ogr -f GeoJSON -t_srs EPSG:4326 parcels.geojson YOUR_FILE`, with the name of the layer behind it where it has several (`ogrinfo YOUR_FILE` lists them), or export GeoJSON from QGIS.',
  },
  'table-format-other': {
    kind: 'malformed',
    message: 'The file is {format}, which is not read as a table of people.',
    remedy:
      'Save it as .xlsx or as "CSV UTF-8", or convert it: `libreoffice --headless --convert-to csv YOUR_FILE`.',
  },
  'format-damaged': {
    kind: 'malformed',
    message: 'The file begins as {format} and cannot be read as one.',
    remedy: 'Open the file where it was made, save it again, and send that; nothing was changed.',
  },
  'files-waiting': {
    kind: 'exhausted',
    message: '{limit} files wait to be read already.',
    remedy: 'Send the file again when one of them is done.',
    rule: 'CS3',
  },
  'jobs-too-many': {
    kind: 'exhausted',
    message: 'An institution has {limit} long uploads under way at most.',
    remedy: 'Wait for one of them, or end one: DELETE /jobs/{id}.',
    rule: 'CS3',
  },
  'job-missing': {
    kind: 'missing',
    message: 'There is no job of this id, or its answer is an hour old.',
    remedy: 'Send the file again: what was taken is answered with the ids it has.',
  },
  'job-cancelled': {
    kind: 'conflict',
    message: 'The upload was ended before it was done.',
    remedy: 'What was written stays; send the same file again and it goes on from there.',
  },
  'profile-missing': {
    kind: 'missing',
    message: 'There is no profile of this name.',
    remedy: 'See the names at GET /profiles, or keep one with PUT /profiles/{name}.',
  },
  'too-many-profiles': {
    kind: 'exhausted',
    message: 'An institution keeps {limit} profiles at most.',
    remedy: 'Forget one that is not used any more: DELETE /profiles/{name}.',
    rule: 'CS3',
  },
  'too-many-labels': {
    kind: 'exhausted',
    message: 'An institution keeps {limit} labels at most.',
    remedy: 'Take away one that is not used any more: DELETE /labels/{labelled}.',
    rule: 'CS3',
  },
  'projection-unknown': {
    kind: 'invalid',
    message: 'The projection that is named is none this gateway knows.',
    remedy:
      'Name it as EPSG:326NN or EPSG:327NN (UTM), EPSG:4326, EPSG:3857, or give its PROJ text (`+proj=...`) as epsg.io shows it, never one that is only near: a national datum lies hundreds of metres beside WGS 84. Or convert the file: `ogr2ogr -f GeoJSON -s_srs EPSG:CODE_OF_THE_FILE -t_srs EPSG:4326 parcels.geojson YOUR_FILE`.',
  },
  'answer-unknown': {
    kind: 'invalid',
    message: 'The answer is none that this question has: it has {answers}.',
    remedy: 'Give one of the answers the question lists; nothing was changed.',
  },
  'question-unknown': {
    kind: 'invalid',
    message: 'No question of such a file has this code. A file like it may ask {questions}.',
    remedy: 'Give the code that stands beside the line in the answer to the file; nothing was changed.',
  },
  'answer-not-asked': {
    kind: 'invalid',
    message: 'The settings answer `{question}` of {place}, and it was not asked there. Asked was: {asked}.',
    remedy:
      'Give the place that the question names, or take the answer out: it decided nothing, and no other line was changed by it.',
  },
  'answer-without-line': {
    kind: 'invalid',
    message: 'The answer is for all lines of its code, and each of these lines is a question of its own.',
    remedy:
      'Name the lines it is for (`"line": 7`, or `"lines": [7, 9]`); nothing was changed. Answers are kept with the file.',
  },
  'answers-contradict': {
    kind: 'invalid',
    message: 'Another answer of the request says otherwise of the same line.',
    remedy: 'Find out which of them is meant and send that one alone; nothing was changed.',
  },
  'file-malformed': {
    kind: 'malformed',
    message: 'The file is not well-formed JSON from this line on, or is cut short here.',
    remedy: EXPORT_AGAIN,
  },
  'file-nested-too-deep': {
    kind: 'malformed',
    message: 'The file nests deeper than {limit} levels.',
    remedy: 'Send a plain feature collection of polygons.',
    rule: 'CS3',
  },
  'file-has-refused-lines': {
    kind: 'invalid',
    message: '{count} lines are refused, and this operation takes all lines or none.',
    remedy: 'Correct the lines and send the whole file again; nothing was changed.',
  },
  'parcels-none-good': {
    kind: 'invalid',
    message: 'No parcel of the file can be registered.',
    remedy: 'Correct the lines for the reasons given, or take another file; nothing was recorded.',
  },
  'people-none-good': {
    kind: 'invalid',
    message: 'Nobody in the file can be enrolled.',
    remedy: 'Correct the lines for the reasons given, or take another file; nobody was enrolled.',
  },
  'column-missing': {
    kind: 'invalid',
    message: 'No column holds the {column}. Names that are known, whatever their case and spaces: {known}.',
    remedy:
      'Name the column in the request (`settings={"columns":{"FIELD":"NAME"}}`) or choose a `profile`; a dry run shows the columns. Where no line names them, write one above the first.',
  },
  'list-transposed': {
    kind: 'malformed',
    message: 'The names of the columns stand below one another: the list lies on its side.',
    remedy:
      'Turn it: copy it in a spreadsheet, paste it with "Transpose", and send that; nothing was changed.',
  },
  'column-named-missing': {
    kind: 'invalid',
    message: 'No column has the name that the settings give for the {column}.',
    remedy: 'Give the name as the first line of the file has it; a dry run shows the columns.',
  },
  'column-ambiguous': {
    kind: 'invalid',
    message: 'More than one column could hold the {column}.',
    remedy:
      'Name the right one in the request: `settings={"columns":{"FIELD":"NAME"}}`, or where two have one name count it from the left: `{"FIELD":3}`.',
  },
  'text-not-utf8': {
    kind: 'malformed',
    message: 'The field has characters that are not UTF-8, or were lost in a conversion.',
    remedy: NAME_CHARSET,
  },
  'text-malformed': {
    kind: 'malformed',
    message: 'The field has half characters, or some that cannot be seen or turn the direction of writing.',
    remedy: CORRECT_LINE,
  },
  'text-too-long': {
    kind: 'exhausted',
    message: 'The field is longer than any name or number is.',
    remedy: CORRECT_LINE,
    rule: 'CS3',
  },
  'geojson-not-collection': {
    kind: 'malformed',
    message: 'The file is not a GeoJSON feature collection.',
    remedy:
      'Export the parcels as one GeoJSON `FeatureCollection`, or convert them: `ogr2ogr -f GeoJSON -t_srs EPSG:4326 parcels.geojson YOUR_FILE`.',
    rule: 'RFC 7946',
  },
  'crs-unsupported': {
    kind: 'invalid',
    message: 'The coordinates are not stated to be longitude and latitude on WGS 84.',
    remedy: NAME_PROJECTION,
    rule: 'RFC 7946',
  },
  'feature-malformed': {
    kind: 'malformed',
    message: 'This is not a GeoJSON feature with properties and a geometry.',
    remedy: CORRECT_LINE,
    rule: 'RFC 7946',
  },
  'field-repeated': {
    kind: 'malformed',
    message: 'A field stands twice, or under a name that readers take differently.',
    remedy: 'Name every field once: two readers would otherwise see two different parcels.',
  },
  'number-unreadable': {
    kind: 'malformed',
    message: 'A number is larger or finer than readers keep.',
    remedy: 'Write long numbers as text, in quotes.',
  },
  'property-malformed': {
    kind: 'invalid',
    message: 'The property is neither text nor a whole number.',
    remedy: CORRECT_LINE,
  },
  'geometry-empty': {
    kind: 'invalid',
    message: 'The parcel has no shape.',
    remedy: CORRECT_SHAPE,
  },
  'geometry-unsupported': {
    kind: 'invalid',
    message: 'The shape is not a polygon or multi-polygon of rings of positions.',
    remedy: 'Export the parcels as polygons or multi-polygons.',
    rule: 'RFC 7946',
  },
  'position-malformed': {
    kind: 'malformed',
    message: 'A position is not longitude and latitude, with a height or without.',
    remedy: CORRECT_SHAPE,
    rule: 'RFC 7946',
  },
  'coordinates-exchanged': {
    kind: 'invalid',
    message: 'Latitude and longitude are exchanged.',
    remedy: 'Export the parcels with longitude first.',
    rule: 'RFC 7946',
  },
  'coordinates-not-degrees': {
    kind: 'invalid',
    message: 'The coordinates are not degrees: they are likely those of a projection.',
    remedy: NAME_PROJECTION,
    rule: 'RFC 7946',
  },
  'coordinates-outside-projection': {
    kind: 'invalid',
    message:
      'The shape does not lie where the projection is for: it is of another zone or hemisphere, in degrees, or has northing first.',
    remedy:
      'Name the projection that the file is in (`projection=EPSG:32736`), or convert it: `ogr2ogr -f GeoJSON -t_srs EPSG:4326 parcels.geojson YOUR_FILE`.',
    rule: 'RFC 7946',
  },
  'coordinates-outside': {
    kind: 'invalid',
    message: 'The shape lies outside the area this office is set up for.',
    remedy: 'Check the coordinate system of the export, or the area in the settings.',
  },
  'ring-not-closed': {
    kind: 'invalid',
    message: 'A ring does not end where it starts.',
    remedy: CORRECT_SHAPE,
    rule: 'RFC 7946',
  },
  'ring-too-short': {
    kind: 'invalid',
    message: 'A ring has fewer than three corners.',
    remedy: CORRECT_SHAPE,
    rule: 'RFC 7946',
  },
  'shape-too-detailed': {
    kind: 'exhausted',
    message: 'The shape has more corners than any surveyed one.',
    remedy: CORRECT_SHAPE,
    rule: 'CS3',
  },
  'shape-too-wide': {
    kind: 'invalid',
    message: 'The shape is wider than a degree, or crosses the date line.',
    remedy: CORRECT_SHAPE,
  },
  'shape-crosses-itself': {
    kind: 'invalid',
    message: 'The border crosses or touches itself.',
    remedy: CORRECT_SHAPE,
  },
  'shape-hole-outside': {
    kind: 'invalid',
    message: 'A hole lies outside the shape it is cut from.',
    remedy: CORRECT_SHAPE,
  },
  'shape-parts-overlap': {
    kind: 'invalid',
    message: 'Two rings of the shape lie on one another.',
    remedy: CORRECT_SHAPE,
  },
  'shape-disconnected': {
    kind: 'invalid',
    message: 'Holes cut a part in pieces.',
    remedy: 'Draw the pieces as parts of a multi-polygon.',
  },
  'parcel-too-small': {
    kind: 'invalid',
    message: 'The parcel, or a part of it, is smaller than {leastM2} m2.',
    remedy: CORRECT_SHAPE,
  },
  'parcel-overlaps': {
    kind: 'conflict',
    message:
      'The parcel and parcel {other} of this file share {areaM2} m2 of ground, more than survey noise.',
    remedy: `Have the boundary settled. Where it is, or both shall stand as drawn: ${ANSWER}\`register\`.`,
    rule: 'UL2',
    answers: ['register', 'leave-out'],
  },
  'parcel-overlaps-registered': {
    kind: 'conflict',
    message:
      'The parcel and parcel {other} of the cadastre share {areaM2} m2 of ground, more than survey noise.',
    remedy: `Have the boundary between the two settled; what is on the cadastre stands until then. Where both shall stand as drawn: ${ANSWER}\`register\`.`,
    rule: 'UL2',
    answers: ['register', 'leave-out'],
  },
  'parcel-same-ground': {
    kind: 'conflict',
    message:
      'The parcel and parcel {other} share {areaM2} m2 of ground, more than a tenth of the smaller: that is one piece of ground and no boundary that an answer settles.',
    remedy:
      'Take the line out if it is the same parcel. If it takes the place of the other, send it with `replacing` and the number of that one; else have the shape corrected by who surveyed it.',
    rule: 'UL2',
  },
  'parcel-overlaps-elsewhere': {
    kind: 'conflict',
    message:
      'The parcel and parcel {other} share {areaM2} m2 of ground, and another institution keeps office {office}: no answer is given here of its ground.',
    remedy:
      'Agree on the boundary with the institution that keeps that office; whichever of the two is drawn wrongly is surveyed anew by its own office, and the file sent again.',
    rule: 'UL2',
  },
  'parcel-boundaries-many': {
    kind: 'conflict',
    message:
      'The parcel shares more than a tenth of its ground with others in all, or ground with more others of this file than are compared.',
    remedy:
      'Have its boundaries settled and drawn again; where only the file is too dense, send fewer of its parcels at once.',
    rule: 'UL2',
  },
  'parcel-number-drawn-alike': {
    kind: 'conflict',
    message: 'The number is drawn like {other}, in letters of another alphabet, and is not the same.',
    remedy:
      'Write it in the letters of the other if it is the same parcel; if it is another, give it a number that can be told from it.',
  },
  'parcel-number-missing': {
    kind: 'invalid',
    message: 'The parcel has no number.',
    remedy: CORRECT_LINE,
  },
  'parcel-number-repeated': {
    kind: 'conflict',
    message: 'The parcel number stands on {lines} lines of this file.',
    remedy: WHICH_IS_RIGHT,
  },
  'parcel-number-registered': {
    kind: 'conflict',
    message: 'The parcel number is already on the cadastre.',
    remedy: 'Take the line out if it is the same parcel; give it its own number if it is another.',
  },
  'replaced-parcel-missing': {
    kind: 'invalid',
    message: 'A parcel to be replaced is not on the cadastre of this office, or stands no more.',
    remedy: 'Name the parcels that stand now, by their numbers as the office wrote them.',
    rule: 'UL2',
  },
  'survey-replaces-others': {
    kind: 'conflict',
    message: 'The parcel was surveyed to take the ground of other units than the ones that end here.',
    remedy: 'Name the units it replaces, or have it surveyed as replacing exactly those that end.',
    rule: 'UL2',
  },
  'separator-unclear': {
    kind: 'malformed',
    message: 'The first line does not show which of semicolon, comma and tab separates the columns.',
    remedy:
      'Name it in the request (`separator=;`), and check that a line near the top holds the names of columns.',
  },
  'quote-misplaced': {
    kind: 'malformed',
    message: 'The row that starts on this line has a quote out of place, or one that is never closed.',
    remedy:
      'Put fields with quotes in quotes and double the quotes inside; behind a stray one no row is certain.',
    rule: 'RFC 4180',
  },
  'line-repeated': {
    kind: 'conflict',
    message:
      'Of this name, place, sex and age are {lines} lines of this file ({others}), and this one has no id: it may be the person of line {other}.',
    remedy: `Is it that person, or another of one name? ${ANSWER}\`one-person\` passes over this line, \`separate-people\` takes it as another than all of them.`,
    answers: ['one-person', 'separate-people'],
  },
  'line-alike': {
    kind: 'conflict',
    message:
      'This line may be the person of line {other}: {facts} are the same, and no id tells. Alike are {others}.',
    remedy: `Is it that person, or somebody else? ${ANSWER}\`one-person\` passes over this line, \`separate-people\` takes it as another than all of them. Each answer names its line.`,
    answers: ['one-person', 'separate-people'],
    isLineByLine: true,
  },
  'person-on-two-lines': {
    kind: 'conflict',
    message: 'This line and line {other} are one person, enrolled before.',
    remedy: `${ANSWER}\`one-person\` passes over this line, which the answer names. If they are two people, correct the id or answer \`another-person\` to what else was asked of it.`,
    answers: ['one-person'],
    isLineByLine: true,
  },
  'total-row': {
    kind: 'conflict',
    message:
      'The line reads like the total of the list or what stands below it (a count, a signature, a date, a page), and like nobody in it.',
    remedy: `${ANSWER}\`total\` passes over it, \`person\` takes it as somebody of that name.`,
    answers: ['total', 'person'],
  },
  'row-ragged': {
    kind: 'malformed',
    message: 'The row has {found} fields and the first line of the file has {expected}.',
    remedy: CORRECT_LINE,
  },
  'declared-count-differs': {
    kind: 'invalid',
    message: '{declared} lines were declared and {found} were read.',
    remedy: 'Check that the file arrived whole, or declare what it holds; nothing was changed.',
  },
  'declared-total-differs': {
    kind: 'invalid',
    message: '{declared} units were declared and {found} could be read.',
    remedy: 'Check that the file arrived whole, or declare what it holds; nothing was changed.',
  },
  'person-unidentified': {
    kind: 'invalid',
    message: 'The line has neither a name, nor a phone, nor an id to find the person by.',
    remedy: 'Give at least a name; no document is needed.',
    rule: 'AA6',
  },
  'person-id-missing': {
    kind: 'invalid',
    message: 'The line does not say whose entitlement it is.',
    remedy: CORRECT_LINE,
  },
  'person-id-repeated': {
    kind: 'conflict',
    message: 'The same person stands on {lines} lines of this roll.',
    remedy: WHICH_IS_RIGHT,
  },
  'person-enrolled-twice': {
    kind: 'conflict',
    message: 'The person is enrolled where another person of this roll is.',
    remedy: WHICH_IS_RIGHT,
  },
  'national-id-missing': {
    kind: 'invalid',
    message: 'The line has no national id, and this programme asks for one.',
    remedy: 'Add the id, or have the programme ask for none.',
    rule: 'AA6',
  },
  'national-id-alike': {
    kind: 'conflict',
    message: 'The national id may be that of {others}, otherwise spelt.',
    remedy: `Is it one person? Then spell the id as it was, or take the line out. If not: ${ANSWER}\`separate-people\`.`,
    answers: ['separate-people', 'leave-out'],
  },
  'agency-id-repeated': {
    kind: 'conflict',
    message: "The agency's own id stands on {lines} lines of this file.",
    remedy:
      'Give each person an id of their own, or pass the column over: `settings={"columns":{"agencyId":null}}`.',
  },
  'person-known': {
    kind: 'conflict',
    message:
      'Somebody of this name, place, sex and age was enrolled before ({personId}; {people} in all), and no id tells whether it is the same.',
    remedy: `Is it the same person? ${ANSWER}\`same-person\` or \`another-person\`.`,
    answers: ['same-person', 'another-person'],
  },
  'person-alike': {
    kind: 'conflict',
    message:
      'The line may be the person {personId}, enrolled before: {facts} are the same, and no id tells. Alike are {people} in all.',
    remedy: `Is it the same person, corrected? ${ANSWER}\`same-person\` writes the new details, \`another-person\` enrols another than all of them. Each answer names its line.`,
    answers: ['same-person', 'another-person'],
    isLineByLine: true,
  },
  'another-once-more': {
    kind: 'conflict',
    message:
      'An officer had {personId} enrolled as another person before, and the line is like them too: it may be theirs, corrected.',
    remedy: `Is it that person? ${ANSWER}\`same-person\` writes the new details, \`another-person\` enrols one more. Each answer names its line.`,
    answers: ['same-person', 'another-person'],
    isLineByLine: true,
  },
  'person-differs': {
    kind: 'conflict',
    message: 'The id is that of somebody enrolled before under another name, phone or household.',
    remedy: `Is it the same person, whose details changed? ${ANSWER}\`same-person\` writes the new details, \`leave-out\` keeps the old.`,
    answers: ['same-person', 'leave-out'],
  },
  'ids-of-two-people': {
    kind: 'conflict',
    message: 'One id of the line is that of somebody enrolled before, and another id that of somebody else.',
    remedy: `Find out which of the ids is right and correct the other, or leave its cell empty. ${ANSWER}\`leave-out\` passes over the line.`,
    answers: ['leave-out'],
  },
  'person-ids-many': {
    kind: 'exhausted',
    message: 'The person has had more ids than anybody has, and cannot be given another.',
    remedy: 'Find out which of the ids is theirs, and send the line with that one.',
  },
  'name-missing': {
    kind: 'invalid',
    message: 'The line names nobody, and the file has a column of names.',
    remedy: `Write the name as the person says it; no document is needed. Where nobody knows it: ${ANSWER}\`without-name\`.`,
    rule: 'AA6',
    answers: ['without-name'],
  },
  'national-id-repeated': {
    kind: 'conflict',
    message: 'The same national id stands on {lines} lines of this file.',
    remedy: WHICH_IS_RIGHT,
  },
  'phone-missing': {
    kind: 'invalid',
    message: 'The line has no phone, and this programme asks for one.',
    remedy: 'Add the phone, or have the programme ask for none.',
  },
  'phone-malformed': {
    kind: 'invalid',
    message: 'The phone is not a number that can be dialled.',
    remedy: 'Correct the phone, or leave it out: money sent to a wrong one reaches somebody else.',
  },
  'phone-two-numbers': {
    kind: 'invalid',
    message: 'The cell holds two phone numbers.',
    remedy: 'Leave the one that the money shall go to in this column, and put the other in one of its own.',
  },
  'units-missing': {
    kind: 'invalid',
    message: 'The line has no units.',
    remedy: CORRECT_LINE,
  },
  'units-not-whole': {
    kind: 'invalid',
    message: 'The units are not a whole number in plain digits.',
    remedy: CORRECT_LINE,
  },
  'units-unclear': {
    kind: 'invalid',
    message: 'The units can be read in two ways: with thousands set apart, or with a fraction.',
    remedy: 'Write whole numbers in plain digits (1000, not 1,000 or 1 000) and send the line again.',
  },
  'units-not-positive': {
    kind: 'invalid',
    message: 'The units are zero or fewer.',
    remedy: 'Correct the line; a person is taken off a list by a decision of its own.',
    rule: 'AA3',
  },
  'units-too-large': {
    kind: 'exhausted',
    message: 'The units are more than 24 bits hold.',
    remedy: 'Correct the line, or count in a larger unit.',
  },
  'units-exceed-entry': {
    kind: 'exhausted',
    message: 'The units are more than the {most} that an entry of this cycle holds.',
    remedy: 'Use entries of four bytes, or count in a larger unit.',
  },
} as const satisfies Record<string, RefusalRow>;

type FileRows = typeof fileRefusals & typeof sheetRefusals;
/** Refusals an officer can answer. */
export type QuestionCode = {
  [C in keyof FileRows]: FileRows[C] extends { readonly answers: unknown } ? C : never;
}[keyof FileRows];
