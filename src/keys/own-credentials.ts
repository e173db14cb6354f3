import type { CloudKeyOptions } from './options.ts'

/** The process's own credentials of clouds, from its environment. */
export function ownCredentials(
  env: Readonly<Record<string, string | undefined>>,
): NonNullable<CloudKeyOptions['own']> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, VAULT_ADDR, VAULT_TOKEN } =
    env
  const session = AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN }
  return {
    ...(AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined
      ? {}
      : {
          aws: {
            accessKeyId: AWS_ACCESS_KEY_ID,
            secretAccessKey: AWS_SECRET_ACCESS_KEY,
            ...session,
          },
        }),
    ...(VAULT_ADDR === undefined || VAULT_TOKEN === undefined
      ? {}
      : { vaultToken: VAULT_TOKEN, vaultAddress: VAULT_ADDR }),
  }
}
