import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault, messageOf } from '../base/index.ts'
import {
  type ArtifactBucket,
  type ArtifactBucketOptions,
  type ArtifactStoreOptions,
  createArtifactStore,
  createHttpClient,
  type LocalArtifactStore,
  openArtifactBucket,
  storeInBucket,
} from '../source/index.ts'
import { systemLogins } from './logins.ts'
import { type Replica, storeAmongReplicas } from './shared-store.ts'
import { systemClock, systemNetwork } from './system.ts'

/** The bucket that artifacts are kept in, too. */
export interface ArtifactBucketPlace {
  /** `https://HOST/BUCKET[/PREFIX]`. */
  readonly address: string
  readonly region: string
  /** A mounted Secret with `accesskey` and `secretkey`; `''`: the environment has them. */
  readonly keysDir: string
}

/** Opens the store of artifacts: on the disk, in a bucket where there is one, among replicas. */
export function openArtifactStore(
  replica: Replica,
  options: Partial<ArtifactStoreOptions>,
  place: ArtifactBucketPlace | undefined,
): LocalArtifactStore {
  const clock = systemClock
  const { dir, address: advertised } = replica
  if (place === undefined) {
    const local = createArtifactStore({ dir, advertised, clock, ...options })
    return storeAmongReplicas(local, local, replica)
  }
  const http = createHttpClient(systemNetwork())
  const { address, region } = place
  const bucket = openArtifactBucket({ http, clock, address, region, keys: keysOf(place) })
  const keep: ArtifactBucket['put'] = (file) => bucket.put(file)
  const local = createArtifactStore({ dir, advertised, clock, ...options, keep })
  return storeAmongReplicas(storeInBucket(local, { bucket, clock, ...options }), local, replica)
}

const SECRET_BYTES_MAX = 8192

/** Read anew each time, so that keys can be changed; they are never in flags. */
function keysOf({ keysDir, region }: ArtifactBucketPlace): ArtifactBucketOptions['keys'] {
  if (keysDir !== '')
    return async () => {
      const [accessKey, secretKey] = await Promise.all([
        secretText(join(keysDir, 'accesskey')),
        secretText(join(keysDir, 'secretkey')),
      ])
      return { accessKey, secretKey }
    }
  const logins = systemLogins(process.env)
  return async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await logins.aws({ region })
    const session = sessionToken === undefined ? {} : { sessionToken }
    return { accessKey: accessKeyId, secretKey: secretAccessKey, ...session }
  }
}

async function secretText(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).slice(0, SECRET_BYTES_MAX).trim()
  } catch (error) {
    const message = `unable to read keys of the bucket of artifacts: ${messageOf(error)}`
    throw new Fault({ code: 'ARTIFACT_STORAGE', reason: 'ArchiveOperationFailed', message })
  }
}
