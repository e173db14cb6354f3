/** Codes of faults of a journal. */
export type JournalCode = 'JOURNAL_IN_USE' | 'JOURNAL_SPOILT'
