import { z } from 'zod'
import {
  type OidcProvider,
  RECEIVER_KINDS,
  RECEIVER_TYPES,
  type ReceiverResource,
  type ReceiverSpec,
  type ReceiverStatus,
} from './receiver.ts'
import {
  DURATION,
  filled,
  flag,
  local,
  optional,
  ruled,
  statusShape,
  text,
  texts,
  word,
} from './schema-parts.ts'

const resource: z.ZodType<ReceiverResource> = z
  .object({
    apiVersion: optional(text('API version of the referent.')),
    filter: optional(
      text('CEL expression over res, req and claims; false leaves the resource alone.'),
    ),
    kind: word(RECEIVER_KINDS, 'Kind of the referent.'),
    matchLabels: optional(texts('Labels of the referents where the name is *.')),
    name: z.string().min(1).max(253).describe('Name of the referent; * for all with the labels.'),
    namespace: optional(z.string().min(1).max(253).describe('Namespace of the referent.')),
  })
  .describe('What is reconciled when the webhook is called.')

const oidcProvider: z.ZodType<OidcProvider> = z
  .object({
    audience: optional(text('Audience of the tokens; notification-controller when not set.')),
    issuerURL: z
      .string()
      .regex(/^https?:\/\//)
      .describe('Issuer of the tokens; its keys are found below it.'),
    validations: z
      .array(
        z
          .object({
            expression: text('CEL expression over claims and vars that must be true.'),
            message: text('What is said when it is false.'),
          })
          .describe('A demand on the claims of a token.'),
      )
      .min(1)
      .describe('Demands on the claims of a token, all of which must hold.'),
    variables: optional(
      z
        .array(
          z
            .object({
              expression: text('CEL expression over claims and the variables before.'),
              name: text('Name, used as vars.<name>.'),
            })
            .describe('A named expression.'),
        )
        .describe('Named expressions, evaluated in order.'),
    ),
  })
  .describe('An issuer of tokens that is trusted.')

/** `spec` of a Receiver. */
export const receiverSpec: z.ZodType<ReceiverSpec> = ruled(
  z
    .object({
      events: optional(z.array(z.string()).describe('Types of events that count; all when empty.')),
      interval: filled(
        z.string().regex(DURATION).describe('How often the secret is looked at again.'),
        '10m',
      ),
      oidcProviders: optional(
        z
          .array(oidcProvider)
          .meta({
            'x-kubernetes-list-map-keys': ['issuerURL'],
            'x-kubernetes-list-type': 'map',
          })
          .describe('Issuers of the tokens that callers of a generic-oidc webhook bring.'),
      ),
      resourceFilter: optional(
        text('CEL expression over res, req and claims that each resource must pass.'),
      ),
      resources: z.array(resource).describe('What is reconciled when the webhook is called.'),
      secretRef: optional(local('Secret with the token that calls are checked with.')),
      suspend: optional(flag('Whether calls are refused.')),
      type: word(RECEIVER_TYPES, 'Who calls, and how a call is checked.'),
    })
    .describe('Who may call the webhook, and what a call wakes.'),
  [
    {
      message: 'generic-oidc receivers must define at least one oidcProvider',
      rule: "self.type != 'generic-oidc' || (has(self.oidcProviders) && size(self.oidcProviders) > 0)",
    },
    {
      message: 'oidcProviders can only be set when type is generic-oidc',
      rule: "self.type == 'generic-oidc' || !has(self.oidcProviders) || size(self.oidcProviders) == 0",
    },
    {
      message: 'secretRef cannot be set when type is generic-oidc',
      rule: "self.type != 'generic-oidc' || !has(self.secretRef)",
    },
    {
      message: 'secretRef is required when type is not generic-oidc',
      rule: "self.type == 'generic-oidc' || has(self.secretRef)",
    },
  ],
)

/** `status` of a Receiver. */
export const receiverStatus: z.ZodType<ReceiverStatus> = z
  .object({
    ...statusShape,
    webhookPath: optional(text('Path of the webhook: /hook/ and a digest.')),
  })
  .describe('What was observed.')
