import type { RefusalRow } from './row.ts';

export const ANSWER = 'Send the file again with an answer in `settings`: ';

/** What a spreadsheet hides, merges or changes, and what an officer says of it. */
export const sheetRefusals = {
  'sheet-missing': {
    kind: 'invalid',
    message: 'The workbook has no sheet of the name that is given. It shows {sheets}.',
    remedy: 'Give the name as it stands on the tab: `sheet=` in the request.',
  },
  'sheet-hidden': {
    kind: 'invalid',
    message: 'The sheet that is named is hidden in the workbook, and a hidden sheet is never read.',
    remedy:
      'Show it in the spreadsheet (click on a tab with the right button, "Unhide"), see what it holds, and send the file again.',
  },
  'sheets-all-hidden': {
    kind: 'invalid',
    message: 'The workbook shows no sheet with cells: all are hidden, or are charts.',
    remedy: 'Show the sheet of the list in the spreadsheet, see what it holds, and send the file again.',
  },
  'sheets-several': {
    kind: 'invalid',
    message:
      'The workbook has {count} sheets with something on them, and nothing says which is meant: {sheets}.',
    remedy:
      'Name one: `sheet=` in the request, with the name on its tab. To send several, send the file once for each. Nothing was changed.',
  },
  'row-hidden': {
    kind: 'conflict',
    message: 'The workbook hides this line, as a filter does or a hand: whether it counts is not known.',
    remedy: `Show all lines in the spreadsheet (take the filter off) and look. ${ANSWER}\`read\` takes hidden lines as all others, \`leave-out\` passes over them.`,
    answers: ['read', 'leave-out'],
  },
  'group-row': {
    kind: 'conflict',
    message:
      'The line has one text and nothing else, where other lines have more: it reads like the heading of those below it (a village, a household), and like nobody.',
    remedy: `${ANSWER}\`heading\` passes over it, \`person\` takes it as somebody of whom no more is known.`,
    answers: ['heading', 'person'],
  },
  'cell-merged': {
    kind: 'invalid',
    message: 'The cell lies under a merged one, whose value stands on another line or in another column.',
    remedy: 'Undo the merging in the spreadsheet, write what belongs in each cell, and send the file again.',
  },
  'column-hidden': {
    kind: 'invalid',
    message:
      'The workbook hides the column of the {column}, which the list must have; what is hidden is not read.',
    remedy: 'Show the column in the spreadsheet and see what it holds, or name it in `settings.columns`.',
  },
  'header-otherwise': {
    kind: 'invalid',
    message:
      'The line names the columns again, in another order than line {header}: below it they would be read wrongly.',
    remedy: 'Two lists stand in one file. Put their columns in one order, or send each as a file of its own.',
  },
  'value-mangled': {
    kind: 'invalid',
    message:
      'A spreadsheet has shortened the number (1.23E+15), or put a failed formula (#N/A) or ##### in its place.',
    remedy: 'Format the column as text in the spreadsheet, enter the value again, and export again.',
  },
  'id-spoilt': {
    kind: 'invalid',
    message: 'The spreadsheet changed what was entered here: in its place stands {what}.',
    remedy:
      'Format the column as text in the spreadsheet, enter again what the document or the person says, and send the file again.',
  },
  'id-like-date': {
    kind: 'conflict',
    message:
      'What stands here reads like a date or a time, as a spreadsheet makes of some numbers (3-1 becomes 3-Jan), or like no number (NaN).',
    remedy: `Hold it against the document. If a spreadsheet changed it, format the column as text and enter it again. If it is right: ${ANSWER}\`as-written\`; \`leave-out\` passes over the line.`,
    answers: ['as-written', 'leave-out'],
  },
  'id-like-rounded': {
    kind: 'conflict',
    message:
      'The number has more than 15 digits, and only zeros behind the 15th, as a spreadsheet leaves a long number that it shortened.',
    remedy: `Hold it against the document. If a spreadsheet changed it, format the column as text and enter it again. If it is right: ${ANSWER}\`as-written\`; \`leave-out\` passes over the line.`,
    answers: ['as-written', 'leave-out'],
  },
} as const satisfies Record<string, RefusalRow>;
