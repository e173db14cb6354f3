import { createHash, type KeyObject } from 'node:crypto'
import { hashOfKey, isSignedBy } from './key-signature.ts'
import { BadMessage } from './proto-json.ts'

/** What a log has signed of its tree. */
export interface Checkpoint {
  readonly origin: string
  readonly size: bigint
  readonly rootHash: Buffer
}

interface Note {
  readonly text: string
  readonly signatures: readonly {
    readonly name: string
    readonly hint: Buffer
    readonly signature: Buffer
  }[]
}

const SIGNATURES_MAX = 100

/** Says whether a checkpoint is one of the first version of Rekor, which names the number of a tree. */
export function isFirstVersion(envelope: string): boolean {
  const lines = envelope.split('\n')
  return lines.length >= 4 && / - \d+$/.test(lines[0] ?? '')
}

/**
 * Reads a checkpoint of the first version: each signature must be that of the log.
 * @throws BadMessage
 * @see rekor pkg/util/signed_note.go (v1.5)
 */
export function readFirstCheckpoint(envelope: string, key: KeyObject): Checkpoint {
  const note = noteOf(envelope)
  const hint = createHash('sha256').update(spkiOf(key)).digest().subarray(0, 4)
  const isKnown = key.asymmetricKeyType !== 'ec' || hashOfKey(key) === 'sha256'
  const isGood = note.signatures.every(
    (each) => each.hint.equals(hint) && isSignedBy(key, Buffer.from(note.text), each.signature),
  )
  if (!isKnown || !isGood) throw new BadMessage('signature on checkpoint did not verify')
  return checkpointOf(note)
}

/**
 * Reads a checkpoint of the second version: one signature must be that of the log, of its name.
 * @throws BadMessage
 * @see https://c2sp.org/signed-note, rekor-tiles pkg/note, pkg/verify (v2.2)
 */
export function readSecondCheckpoint(envelope: string, key: KeyObject, name: string): Checkpoint {
  const note = noteOf(envelope)
  const hint = secondHint(key, name)
  const ours = note.signatures.find((each) => each.name === name && each.hint.equals(hint))
  if (
    ours === undefined ||
    !isSignedBy(key, Buffer.from(note.text), ours.signature, hashOfKey(key))
  )
    throw new BadMessage(
      'unverified checkpoint signature: failed to verify signatures on checkpoint',
    )
  const checkpoint = checkpointOf(note)
  if (checkpoint.origin !== name)
    throw new BadMessage(
      `unverified checkpoint signature: got Origin ${JSON.stringify(checkpoint.origin)} but expected ${JSON.stringify(name)}`,
    )
  return checkpoint
}

function secondHint(key: KeyObject, name: string): Buffer {
  const sum = createHash('sha256')
  const type = key.asymmetricKeyType
  if (type === 'ec') sum.update(spkiOf(key))
  else if (type === 'ed25519')
    sum
      .update(`${name}\n`)
      .update(Buffer.from([1]))
      .update(spkiOf(key).subarray(-32))
  else
    sum
      .update(`${name}\n`)
      .update(Buffer.from([255]))
      .update('PKIX-RSA-PKCS#1v1.5')
      .update(spkiOf(key))
  return sum.digest().subarray(0, 4)
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

function noteOf(envelope: string): Note {
  const end = envelope.lastIndexOf('\n\n')
  const lines = envelope.slice(end + 2)
  if (end < 0 || lines === '' || !lines.endsWith('\n'))
    throw new BadMessage(
      'unmarshalling log entry checkpoint to SignedCheckpoint: unmarshalling signed note: malformed note',
    )
  const signatures = lines.slice(0, -1).split('\n').map(signatureOf)
  if (signatures.length > SIGNATURES_MAX) throw new BadMessage('malformed note')
  return { text: envelope.slice(0, end + 1), signatures }
}

function signatureOf(line: string): Note['signatures'][number] {
  const [, name = '', encoded = ''] = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.length < 5) throw new BadMessage('malformed note')
  return { name, hint: bytes.subarray(0, 4), signature: bytes.subarray(4) }
}

function checkpointOf({ text }: Note): Checkpoint {
  const [origin = '', size = '', hash = ''] = text.split('\n')
  if (origin === '' || !/^\d{1,20}$/.test(size) || !/^[A-Za-z0-9+/]+={0,2}$/.test(hash))
    throw new BadMessage('invalid checkpoint')
  return { origin, size: BigInt(size), rootHash: Buffer.from(hash, 'base64') }
}
