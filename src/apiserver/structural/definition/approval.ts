import type { KubeObject } from '../../../object/index.ts'
import { type Cause, invalid, required } from '../../builtin/index.ts'

const ANNOTATION = 'api-approved.kubernetes.io'
const FIELD = `metadata.annotations[${ANNOTATION}]`
const SEE = 'see https://github.com/kubernetes/enhancements/pull/1111'

/** Whether the makers of Kubernetes have approved a kind in a group of theirs, and how that is told. */
export interface Approval {
  readonly state: 'Missing' | 'Unapproved' | 'Approved' | 'Invalid'
  readonly message: string
}

/**
 * What a definition says of its approval; undefined where its group needs none.
 * @see k8s.io/apiextensions-apiserver pkg/apihelpers/helpers.go (v0.36.3)
 */
export function approvalOf(crd: KubeObject): Approval | undefined {
  const group = String((crd['spec'] as Record<string, unknown> | undefined)?.['group'] ?? '')
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return undefined
  const text = crd.metadata.annotations?.[ANNOTATION] ?? ''
  const must = `protected groups must have approval annotation ${JSON.stringify(ANNOTATION)}`
  if (text === '') return { state: 'Missing', message: `${must}, ${SEE}` }
  if (text.startsWith('unapproved'))
    return { state: 'Unapproved', message: `not approved: ${JSON.stringify(text)}` }
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#\s]+[^\s]*$/.test(text))
    return { state: 'Approved', message: `approved in ${text}` }
  const words = `${must} with either a URL or a reason starting with "unapproved", ${SEE}`
  return { state: 'Invalid', message: words }
}

/** What is wrong with the approval of a definition; one that did not change may stay. */
export function approvalCauses(crd: KubeObject, old: KubeObject | undefined): Cause[] {
  const approval = approvalOf(crd)
  if (approval === undefined) return []
  if (old !== undefined && approvalOf(old)?.state === approval.state) return []
  if (approval.state === 'Missing') return [required(FIELD, approval.message)]
  const text = crd.metadata.annotations?.[ANNOTATION] ?? ''
  return approval.state === 'Invalid' ? [invalid(FIELD, text, approval.message)] : []
}
