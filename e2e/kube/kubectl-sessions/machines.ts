import type { Scenario } from '../kubectl-files.ts'
import { documents, typed } from './parts.ts'

const GROUP = 's-custom.example.org'
const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: machines.${GROUP}}
spec:
  group: ${GROUP}
  scope: Namespaced
  names: {plural: machines, singular: machine, kind: Machine, listKind: MachineList, shortNames: [mch, mc], categories: [s-parts, all]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector}}
    selectableFields: [{jsonPath: .spec.size}, {jsonPath: .spec.on}]
    additionalPrinterColumns:
    - {name: Int, type: integer, jsonPath: .spec.count}
    - {name: Num, type: number, jsonPath: .spec.weight}
    - {name: Bool, type: boolean, jsonPath: .spec.on}
    - {name: Str, type: string, jsonPath: .spec.size}
    - {name: When, type: date, jsonPath: .spec.when}
    - {name: List, type: string, jsonPath: ".spec.tags"}
    - {name: All, type: string, jsonPath: ".spec.tags[*]"}
    - {name: Second, type: string, jsonPath: ".spec.tags[1]"}
    - {name: Map, type: string, jsonPath: .spec.labels}
    - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
    - {name: Dot, type: string, jsonPath: '.metadata.annotations.example\\.org/a'}
    - {name: Far, type: string, jsonPath: .spec.size, priority: 1}
    - {name: Wrong, type: integer, jsonPath: .spec.size, priority: 1}
    - {name: Gone, type: string, jsonPath: .spec.nope.nope, priority: 1}
    - {name: Bytes, type: string, format: byte, jsonPath: .spec.count, priority: 1}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema: &schema
      openAPIV3Schema:
        description: A machine that does things.
        type: object
        properties:
          spec:
            type: object
            properties:
              count: {type: integer, format: int32}
              weight: {type: number}
              on: {type: boolean, default: true}
              size: {type: string, enum: [small, big], description: How big.}
              when: {type: string, format: date-time}
              replicas: {type: integer, default: 1}
              tags: {type: array, items: {type: string}}
              labels: {type: object, additionalProperties: {type: string}}
              free: {type: object, x-kubernetes-preserve-unknown-fields: true}
              port: {x-kubernetes-int-or-string: true}
            x-kubernetes-validations: [{rule: "!has(self.count) || self.count < 100", message: too many}]
          status:
            type: object
            properties:
              replicas: {type: integer}
              selector: {type: string}
              conditions: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [type], items: {type: object, required: [type], properties: {type: {type: string}, status: {type: string}}}}
  - name: v1beta1
    served: true
    storage: false
    deprecated: true
    deprecationWarning: machines v1beta1 is old
    additionalPrinterColumns: [{name: Old, type: string, jsonPath: .spec.size}]
    schema: *schema
  - name: v1alpha1
    served: false
    storage: false
    schema: *schema
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: plants.${GROUP}}
spec:
  group: ${GROUP}
  scope: Cluster
  names: {plural: plants, singular: plant, kind: Plant, categories: [s-parts]}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`
const machine = (name: string, spec: string, version = 'v1') =>
  `apiVersion: ${GROUP}/${version}\nkind: Machine\nmetadata: {name: ${name}, labels: {app: m}, annotations: {example.org/a: dotted}}\nspec: {${spec}}\n`

/** Kinds of one's own: columns of every type, versions, subresources, categories. */
export const MACHINES: Scenario = {
  name: 's-machines',
  last: true,
  files: {
    'crd.yaml': CRD,
    'some.yaml': documents(
      machine(
        'full',
        'count: 5, weight: 1.5, on: false, size: big, when: "2020-01-01T00:00:00Z", tags: [a, b, c], labels: {x: y, a: b}, free: {any: {thing: [1, 2]}}, port: 80',
      ),
      machine('bare', ''),
      machine('odd', 'count: -7, weight: 2, when: "2999-01-01T00:00:00Z", tags: [], port: http'),
    ),
    'old.yaml': machine('old', 'size: small', 'v1beta1'),
    'many.yaml': machine('many', 'count: 100'),
    'bad.yaml': machine(
      'bad',
      'count: x, weight: y, on: 3, size: huge, when: never, tags: {}, labels: [], replicas: 1.5, nope: 1',
    ),
    'alpha.yaml': machine('alpha', '', 'v1alpha1'),
    'plant.yaml': `apiVersion: ${GROUP}/v1\nkind: Plant\nmetadata: {name: oak}\nanything: [1, {a: b}]\n`,
    'both.yaml': `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: late.${GROUP}}\nspec: {group: ${GROUP}, scope: Namespaced, names: {plural: late, singular: late, kind: Late}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}\n---\napiVersion: ${GROUP}/v1\nkind: Late\nmetadata: {name: l}\n`,
    'status.json':
      '{"status":{"replicas":2,"selector":"app=m","conditions":[{"type":"Ready","status":"True"}]}}',
    'grow.sh': '#!/bin/sh\nsed -i "s/size: big/size: small/" "$1"\n',
  },
  steps: typed(
    'apply -f crd.yaml',
    '@wait crd/machines.s-custom.example.org crd/plants.s-custom.example.org --for=condition=Established --timeout=20s; sleep 2',
    'get crd machines.s-custom.example.org plants.s-custom.example.org -o custom-columns=N:.metadata.name,S:.status.storedVersions,A:.status.acceptedNames',
    'describe crd plants.s-custom.example.org',
    'api-resources --api-group=s-custom.example.org -o wide',
    'api-resources --categories=s-parts -o name',
    'apply -f some.yaml',
    'apply -f plant.yaml',
    'get machines',
    'get mch -o wide',
    'get mc full -o yaml',
    'get s-parts',
    'get s-parts -A',
    'get all',
    'get machine.v1beta1.s-custom.example.org',
    'get machines.v1alpha1.s-custom.example.org',
    'get machines.s-custom.example.org bare -o json',
    'get mch --sort-by=.spec.count',
    'get mch -l app=m --show-labels --no-headers',
    'get mch --field-selector spec.size=big',
    'get mch --field-selector spec.on=true -o name',
    'get mch --field-selector spec.count=5',
    'get mch --field-selector metadata.name=odd',
    'get mch --server-print=false',
    'get mch -o custom-columns=N:.metadata.name,P:.spec.port,F:.spec.free',
    'get mch full --subresource=status -o jsonpath={.kind}',
    'get mch full --subresource=scale',
    'get mch full --subresource=scale -o yaml',
    'get mch full --subresource=nope',
    'patch mch full --subresource=status --type=merge --patch-file=status.json',
    'patch mch full --subresource=scale --type=merge -p \'{"spec":{"replicas":4}}\'',
    'get mch full',
    'get mch full --subresource=scale -o yaml',
    'scale mch full --replicas=3',
    'scale mch full --replicas=3 --current-replicas=9',
    'scale mch --all --replicas=2',
    'autoscale mch full --max=3',
    'wait mch/full --for=condition=Ready --timeout=20s',
    'wait mch --all --for=condition=Ready --timeout=1s',
    'describe mch full',
    'describe mch bare',
    'describe plant oak',
    'apply -f old.yaml',
    'get mch old -o jsonpath={.apiVersion}',
    'apply -f many.yaml',
    'apply -f bad.yaml',
    'apply -f bad.yaml --validate=false',
    'apply -f bad.yaml --server-side',
    'create -f bad.yaml',
    'apply -f alpha.yaml',
    'apply -f both.yaml',
    '@wait crd/late.s-custom.example.org --for=condition=Established --timeout=10s; sleep 2',
    'apply -f both.yaml',
    'explain machine',
    'explain machine.spec.free',
    'explain machine.spec.port',
    'explain machine.spec.labels',
    'explain machine --recursive',
    'explain machine --api-version=s-custom.example.org/v1beta1',
    'explain machine.status.conditions --output=plaintext-openapiv2',
    'explain plant',
    'explain plant.spec',
    'diff -f some.yaml',
    'apply -f some.yaml',
    'apply -f some.yaml --server-side',
    'apply -f some.yaml --server-side --force-conflicts',
    'get mch full -o yaml --show-managed-fields',
    'patch mch full -p \'{"spec":{"count":6}}\'',
    'patch mch full --type=json -p \'[{"op":"replace","path":"/spec/count","value":"x"}]\'',
    'patch mch full --type=merge -p \'{"spec":{"count":null,"nope":1}}\'',
    'label mch --all a=b',
    'annotate mch full example.org/a=changed --overwrite',
    'set image mch/full a=b',
    'rollout status mch/full',
    'expose mch full --port=80',
    'logs mch/full',
  ).concat(
    [
      'EDITOR="sh grow.sh" kubectl edit mch full',
      'EDITOR="sh grow.sh" kubectl edit mch full --subresource=status',
      '(sleep 2; kubectl patch mch odd --type=merge -p \'{"spec":{"size":"big"}}\' >/dev/null; kubectl delete mch odd >/dev/null) & timeout 8 kubectl get mch odd -w --output-watch-events; wait',
    ],
    typed(
      'auth can-i get machines.s-custom.example.org --as=ann',
      'auth can-i get mch --as=ann',
      'create role mr --verb=get --resource=machines.s-custom.example.org/scale',
      'get role mr -o jsonpath={.rules}',
      'delete mch -l app=m --wait=false | sort',
      'get mch',
      'patch crd machines.s-custom.example.org --type=json -p \'[{"op":"replace","path":"/spec/versions/0/additionalPrinterColumns","value":[{"name":"X","type":"string","jsonPath":".metadata.uid","priority":1}]}]\'',
      '@apply -f some.yaml; sleep 1',
      'get mch',
      'patch crd machines.s-custom.example.org --type=json -p \'[{"op":"remove","path":"/spec/versions/0"}]\'',
      'patch crd machines.s-custom.example.org --type=json -p \'[{"op":"replace","path":"/spec/scope","value":"Cluster"}]\'',
      'patch crd plants.s-custom.example.org --type=merge -p \'{"spec":{"names":{"plural":"trees"}}}\'',
      'delete -f crd.yaml -f both.yaml --ignore-not-found | grep definition',
      'get mch',
      'get s-parts',
      'explain machine',
    ),
  ),
}
