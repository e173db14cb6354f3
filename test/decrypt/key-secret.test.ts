import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { messageOf } from '../../src/base/index.ts'
import { localKeys, readKeySecret } from '../../src/decrypt/index.ts'
import { FIXTURES } from './keys.ts'

function read(data: Readonly<Record<string, string>>): ReturnType<typeof readKeySecret> {
  const bytes = Object.entries(data).map(([key, value]) => [key, Buffer.from(value)] as const)
  return readKeySecret(Object.fromEntries(bytes), 'team/keys')
}

function why(data: Readonly<Record<string, string>>): string {
  try {
    read(data)
    return 'no fault'
  } catch (error) {
    return messageOf(error)
  }
}

describe('the Secret of keys', () => {
  test('is sorted by the names of its keys', () => {
    const got = read({
      'a.asc': 'pgp',
      'sops.vault-token': ' token\n',
      'sops.aws-kms': 'aws_access_key_id: id\naws_secret_access_key: key\naws_session_token: tok',
      'sops.azure-kv': 'tenantId: t\nclientId: c\nclientSecret: s',
      'sops.gcp-kms': '{"client_email": "a@b", "private_key": "pem"}',
      'other.txt': 'ignored',
      'my.aws-kms': 'ignored',
    })
    expect(got).toEqual({
      age: [],
      pgp: ['pgp'],
      clouds: {
        vaultToken: 'token',
        aws: { accessKeyId: 'id', secretAccessKey: 'key', sessionToken: 'tok' },
        azure: { tenantId: 't', clientId: 'c', clientSecret: 's' },
        gcp: {
          clientEmail: 'a@b',
          privateKey: 'pem',
          tokenUri: 'https://oauth2.googleapis.com/token',
        },
      },
    })
  })

  test.each([
    ['clientId: c', { clientId: 'c' }],
    ['appId: a\npassword: p\ntenant: t', { tenantId: 't', clientId: 'a', clientSecret: 'p' }],
    [
      'tenantId: t\nclientId: c\nclientCertificate: pem\nclientCertificateSendChain: true\nauthorityHost: https://h',
      {
        tenantId: 't',
        clientId: 'c',
        clientCertificate: 'pem',
        sendChain: true,
        authorityHost: 'https://h',
      },
    ],
  ])('Azure credentials: %j', (text, want) => {
    expect(read({ 'sops.azure-kv': text }).clouds.azure).toEqual(want)
  })

  test.each([
    [{ 'a.agekey': 'hunter2' }, /'a\.agekey' data .* unknown identity type$/],
    [
      { 'a.agekey': '# fine\n\nAGE-SECRET-KEY-1QQPQHUNTER2' },
      /malformed secret key: invalid checksum$/,
    ],
    [
      { 'a.agekey': readFileSync(join(FIXTURES, 'keys/ssh-passphrase.agekey'), 'utf8') },
      /failed to parse and add to age identities: the SSH key has a passphrase; `ssh-keygen -p -N ""` writes one without$/,
    ],
    [
      {
        'a.agekey': '-----BEGIN AGE ENCRYPTED FILE-----\nhunter2\n-----END AGE ENCRYPTED FILE-----',
      },
      /failed to parse and add to age identities: unknown identity type$/,
    ],
    [
      {
        'a.agekey':
          '-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----',
      },
      /failed to parse and add to age identities: malformed SSH identity$/,
    ],
    [{ 'a.agekey': 'AGE-PLUGIN-HUNTER2-1QQQQ' }, /unknown identity type$/],
    [{ 'sops.azure-kv': 'tenantId: hunter2' }, /invalid data: requires a 'clientId' field/],
    [{ 'sops.aws-kms': '"hunter2' }, /failed to unmarshal AWS credentials file$/],
    [{ 'sops.gcp-kms': '{}' }, /not those of a service account$/],
  ])('what cannot be read is named and not quoted: %j', (data, want) => {
    const got = why(data as Record<string, string>)
    expect(got).toMatch(want)
    expect(got).toMatch(/^failed to import '[^']+' data from sops decryption Secret 'team\/keys': /)
    expect(got.toLowerCase()).not.toContain('hunter2')
  })

  test('a PGP key that is none', async () => {
    const got = await localKeys(read({ 'a.asc': 'hunter2' })).then(String, messageOf)
    expect(got).toBe('failed to import armored key data: no valid private key found')
  })
})
