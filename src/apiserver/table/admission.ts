import { type JsonObject, valueAt } from '../../object/index.ts'
import { age, type Cells, entries, items, nameOf, text } from './read.ts'

const GROUP = 'admissionregistration.k8s.io'

/** Cells of webhooks and admission policies, by resource. */
export const ADMISSION: Readonly<Record<string, Cells>> = {
  [`mutatingwebhookconfigurations.${GROUP}`]: webhookCells,
  [`validatingwebhookconfigurations.${GROUP}`]: webhookCells,
  [`mutatingadmissionpolicies.${GROUP}`]: policyCells('mutations'),
  [`validatingadmissionpolicies.${GROUP}`]: policyCells('validations'),
  [`mutatingadmissionpolicybindings.${GROUP}`]: bindingCells,
  [`validatingadmissionpolicybindings.${GROUP}`]: bindingCells,
}

function webhookCells(object: JsonObject, now: number): ReturnType<Cells> {
  return [nameOf(object), items(object, 'webhooks').length, age(object, now)]
}

function policyCells(rules: string): Cells {
  return (object, now) => {
    const kind = valueAt(object, 'spec', 'paramKind')
    const param =
      kind === undefined ? '<unset>' : `${text(kind, 'apiVersion')}/${text(kind, 'kind')}`
    return [nameOf(object), items(object, 'spec', rules).length, param, age(object, now)]
  }
}

function bindingCells(object: JsonObject, now: number): ReturnType<Cells> {
  return [nameOf(object), text(object, 'spec', 'policyName'), paramText(object), age(object, now)]
}

function paramText(object: JsonObject): string {
  const name = text(object, 'spec', 'paramRef', 'name')
  if (name !== '') return `${text(object, 'spec', 'paramRef', 'namespace') || '*'}/${name}`
  const selector = valueAt(object, 'spec', 'paramRef', 'selector')
  if (selector === undefined) return '<unset>'
  // The selector as Go prints the struct.
  const labels = entries(selector, 'matchLabels').map(([key, value]) => `${key}: ${value},`)
  const expressions = items(selector, 'matchExpressions').map(
    (each) =>
      `LabelSelectorRequirement{Key:${text(each, 'key')},Operator:${text(each, 'operator')},Values:[${items(each, 'values').join(' ')}],},`,
  )
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
}
