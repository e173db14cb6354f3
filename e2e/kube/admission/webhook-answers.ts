import type { Reply } from './hook.ts'
import type { AdmissionCase } from './play.ts'
import { answers, label, MAPS, map, one, validates } from './webhook.ts'

/** What is said in text, as Go's `http.Error` does it. */
const TEXTS: readonly (readonly [name: string, reply: Reply])[] = [
  ...[400, 401, 403, 404, 405, 406, 409, 410, 415, 418, 422, 429, 502, 504].map(
    (status) => [String(status), { status, type: 'text/plain', text: 'no "way"\n' }] as const,
  ),
  ['untyped', { status: 500, type: '', text: 'untyped' }],
  ['empty', { status: 500, type: 'text/plain; charset=utf-8', text: '' }],
  ['forbidden-json', { status: 403, text: '{"a":"b"}' }],
  ['unacceptable', { status: 406, text: 'x' }],
  ['long', { status: 500, type: 'text/html', text: `<p>${'x'.repeat(3000)}</p>` }],
  ['lines', { status: 500, type: 'text/plain', text: 'a\n\tb' }],
  [
    'status',
    {
      status: 409,
      type: 'text/plain',
      text: '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"lost"}',
    },
  ],
]

/** What becomes of what webhooks answer, or do not. */
export const ANSWERS: readonly AdmissionCase[] = [
  one('allowed', { validating: [{}] }),
  validates('denied', { allowed: false }),
  validates('denied-message', { allowed: false, status: { message: 'no bad things' } }),
  validates('denied-reason', { allowed: false, status: { reason: 'Forbidden' } }),
  validates('denied-code', {
    allowed: false,
    status: { code: 418, reason: 'Teapot', message: 'short' },
  }),
  validates('denied-success', {
    allowed: false,
    status: { code: 200, status: 'Success', message: 'm' },
  }),
  validates('denied-details', {
    allowed: false,
    status: {
      metadata: { resourceVersion: '5' },
      message: 'm',
      code: 409,
      details: {
        name: 'n',
        kind: 'k',
        retryAfterSeconds: 3,
        causes: [{ reason: 'r', message: 'c', field: 'f' }],
      },
    },
  }),
  validates('warned', {
    warnings: [
      'first',
      'with "quotes"',
      'and ümlauts',
      'line\nbreak',
      '',
      'x'.repeat(300),
      'first',
    ],
  }),
  validates('warned-denied', { allowed: false, warnings: ['w'], status: { message: 'm' } }),
  validates('annotated', { auditAnnotations: { a: 'b' } }),
  validates('patching-validator', { patchType: 'JSONPatch', patch: 'W10=' }),
  validates('typed-validator', { patchType: 'JSONPatch' }),
  ...answers('status-500', { status: 500, text: 'oops' }),
  ...answers('status-404', {
    status: 404,
    text: '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"lost","reason":"NotFound","code":404}',
  }),
  ...TEXTS.flatMap(([name, reply]) => answers(`text-${name}`, reply)),
  ...answers('no-json', { text: 'no json' }),
  ...answers('empty', { text: '' }),
  ...answers('no-review', { text: '{"a":"b"}' }),
  ...answers('no-response', {
    text: '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}',
  }),
  ...answers('other-uid', { uid: 'other' }),
  ...answers('other-kind', { kind: 'Review' }),
  ...answers('other-version', { apiVersion: 'admission.k8s.io/v1beta1' }),
  ...answers('odd-types', { response: { allowed: 'yes' } }),
  one('slow-fail', { validating: [{ reply: { delayMs: 1600 }, more: { timeoutSeconds: 1 } }] }),
  one('slow-ignore', {
    validating: [
      { reply: { delayMs: 1600 }, more: { timeoutSeconds: 1, failurePolicy: 'Ignore' } },
    ],
  }),
  one('slow-mutating', { mutating: [{ reply: { delayMs: 1600 }, more: { timeoutSeconds: 1 } }] }),
  one('closed', { validating: [{ url: 'https://127.0.0.1:9/x' }] }),
  one('timeout-3', { validating: [{ more: { timeoutSeconds: 3 } }] }),
  one('versions', { validating: [{ more: { admissionReviewVersions: ['v2', 'v1', 'v1beta1'] } }] }),
  one('v1beta1', {
    validating: [{ more: { admissionReviewVersions: ['v1beta1', 'v1'] } }],
    mutating: [
      { reply: { patch: [label('l', '1')] }, more: { admissionReviewVersions: ['v1beta1'] } },
    ],
  }),
  one(
    'quiet-dry-run',
    {
      validating: [{ more: { sideEffects: 'NoneOnDryRun' } }],
      mutating: [{ more: { sideEffects: 'NoneOnDryRun' } }],
    },
    [{ method: 'POST', path: `${MAPS}?dryRun=All`, body: map('a') }],
  ),
]
