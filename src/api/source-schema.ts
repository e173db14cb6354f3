import { z } from 'zod'
import {
  DURATION,
  filled,
  flag,
  integer,
  local,
  moment,
  optional,
  ruled,
  statusShape,
  TIMEOUT,
  text,
  texts,
  word,
} from './schema-parts.ts'
import type { Artifact, GitInclude, GitRepositorySpec, GitRepositoryStatus } from './source.ts'

/** `status.artifact`. */
export const artifact: z.ZodType<Artifact> = z
  .object({
    digest: z
      .string()
      .regex(/^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/)
      .describe('<algorithm>:<hex> of the file.'),
    lastUpdateTime: moment('When the artifact was stored.'),
    metadata: optional(texts('What the origin says about itself, e.g. OCI annotations.')),
    path: text('Path of the file below the root of the store.'),
    revision: text('Revision of the origin, e.g. main@sha1:<hex>.'),
    size: optional(integer('Size of the file in bytes.')),
    url: text('Where the file is served.'),
  })
  .describe('A stored revision of the source.')

/** Fields that Git, OCI and bucket sources have in common. */
export const sourceShape: {
  readonly ignore: z.ZodExactOptional<z.ZodString>
  readonly interval: z.ZodString
  readonly suspend: z.ZodExactOptional<z.ZodBoolean>
  readonly timeout: z.ZodExactOptional<z.ZodString>
} = {
  ignore: optional(
    text('Patterns, as in .gitignore, of what is left out. They stand in for the defaults.'),
  ),
  interval: text('How long after a success the source is looked at again.').regex(DURATION),
  suspend: optional(flag('Whether reconciliation is suspended.')),
  timeout: filled(text('How long one operation on the source may take.').regex(TIMEOUT), '60s'),
}

const include: z.ZodType<GitInclude> = z
  .object({
    fromPath: optional(text('What to copy; the root when it is not set.')),
    repository: local('GitRepository whose artifact is copied from.'),
    toPath: optional(text('Where to copy to; the name of the repository when it is not set.')),
  })
  .describe('Content of another GitRepository that is put into the artifact.')

const gitRef = z
  .object({
    branch: optional(text('Branch; master when nothing is set.')),
    commit: optional(text('Commit; it wins over all others. With a branch: a commit of it.')),
    name: optional(text('Full name of a reference, e.g. refs/pull/1/head; it wins over tag.')),
    semver: optional(text('Range of versions that tags are matched with; it wins over branch.')),
    tag: optional(text('Tag; it wins over semver.')),
  })
  .describe('What to check out.')

/** `spec` of a GitRepository. */
export const gitRepositorySpec: z.ZodType<GitRepositorySpec> = ruled(
  z
    .object({
      ...sourceShape,
      include: optional(z.array(include).describe('Other repositories to copy content from.')),
      provider: optional(
        word(['generic', 'aws', 'azure', 'github'], 'Who grants access; generic by default.'),
      ),
      proxySecretRef: optional(local('Secret with the address and credentials of a proxy.')),
      recurseSubmodules: optional(flag('Whether submodules are checked out, too.')),
      ref: optional(gitRef),
      secretRef: optional(local('Secret with credentials for the Git host.')),
      serviceAccountName: optional(
        text('Service account that authenticates with the cloud provider.'),
      ),
      sparseCheckout: optional(
        z.array(z.string()).describe('Directories to check out; all when it is not set.'),
      ),
      url: z
        .string()
        .regex(/^(http|https|ssh):\/\/.*$/)
        .describe('Address of the repository over HTTP, HTTPS or SSH.'),
      verify: optional(
        z
          .object({
            mode: filled(
              word(['head', 'HEAD', 'Tag', 'TagAndHEAD'], 'Which signatures count.'),
              'HEAD',
            ),
            secretRef: local('Secret with the public keys of trusted authors.'),
          })
          .describe('How signatures are verified.'),
      ),
    })
    .describe('Which repository and revision is fetched, how often, and as whom.'),
  [
    {
      message: "serviceAccountName can only be set when provider is 'azure' or 'aws'",
      rule:
        '!has(self.serviceAccountName) || (has(self.provider) && ' +
        "(self.provider == 'azure' || self.provider == 'aws'))",
    },
  ],
)

/** `status` of a GitRepository. */
export const gitRepositoryStatus: z.ZodType<GitRepositoryStatus> = z
  .object({
    ...statusShape,
    artifact: optional(artifact),
    includedArtifacts: optional(z.array(artifact).describe('Artifacts that were copied from.')),
    observedIgnore: optional(text('spec.ignore that the artifact was made with.')),
    observedInclude: optional(z.array(include).describe('spec.include that it was made with.')),
    observedRecurseSubmodules: optional(flag('spec.recurseSubmodules that it was made with.')),
    observedSparseCheckout: optional(
      z.array(z.string()).describe('spec.sparseCheckout that it was made with.'),
    ),
    sourceVerificationMode: optional(text('Mode of the last verification that succeeded.')),
  })
  .describe('What was observed.')
