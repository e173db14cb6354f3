import type { Scenario } from './kubectl-files.ts'

const CRD: string = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.kubectl.example.org}
spec:
  group: kubectl.example.org
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [toys]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size, description: How big it is}
    - {name: Mode, type: string, jsonPath: .spec.mode, priority: 1}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        description: A widget to play with.
        type: object
        required: [spec]
        properties:
          spec:
            description: What is wanted.
            type: object
            required: [size]
            properties:
              size: {type: integer, minimum: 0, maximum: 9, description: From 0 to 9.}
              mode: {type: string, enum: [slow, fast], default: slow}
              replicas: {type: integer}
              tags: {type: array, items: {type: string}, x-kubernetes-list-type: set}
              parts:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items: {type: object, required: [name], properties: {name: {type: string}, count: {type: integer}}}
          status: {type: object, properties: {replicas: {type: integer}, phase: {type: string}}}
`

const WIDGET: string = `apiVersion: kubectl.example.org/v1
kind: Widget
metadata: {name: one}
spec: {size: 3, parts: [{name: a, count: 1}]}
`

/** A kind of one's own. */
export const CUSTOM: Scenario = {
  name: 'custom',
  last: true,
  files: {
    'crd.yaml': CRD,
    'widget.yaml': WIDGET,
    'big.yaml': WIDGET.replace('size: 3', 'size: 12'),
    'mode.yaml': WIDGET.replace('size: 3', 'size: 3, mode: odd'),
    'none.yaml': WIDGET.replace('size: 3, ', ''),
    'type.yaml': WIDGET.replace('size: 3', 'size: three'),
    'extra.yaml': WIDGET.replace('size: 3', 'size: 3, extra: 1'),
    'parts.yaml': WIDGET.replace('{name: a, count: 1}', '{name: b, count: 2}'),
    'bad.yaml': CRD.replaceAll('widget', 'gadget')
      .replaceAll('Widget', 'Gadget')
      .replace('type: integer', 'type: int'),
  },
  steps: [
    'kubectl create -f crd.yaml',
    '@kubectl wait crd/widgets.kubectl.example.org --for=condition=Established --timeout=20s; sleep 2',
    'kubectl get crd widgets.kubectl.example.org -o yaml',
    'kubectl create -f bad.yaml --dry-run=server',
    'kubectl api-resources --api-group=kubectl.example.org',
    'kubectl get widgets',
    'kubectl apply -f widget.yaml',
    'kubectl get wd',
    'kubectl get wd -o wide',
    'kubectl get toys',
    'kubectl get widget one -o yaml',
    'kubectl apply -f widget.yaml',
    'kubectl apply -f big.yaml',
    'kubectl apply -f mode.yaml',
    'kubectl apply -f none.yaml',
    'kubectl apply -f type.yaml',
    'kubectl apply -f extra.yaml',
    'kubectl apply -f extra.yaml --validate=false',
    'kubectl diff -f parts.yaml | grep "^[+-] .*name"',
    'kubectl apply -f parts.yaml --server-side',
    'kubectl apply -f parts.yaml --server-side --force-conflicts',
    'kubectl get widget one -o yaml --show-managed-fields',
    'kubectl explain widget',
    'kubectl explain widget.spec',
    'kubectl explain widget.spec.parts --recursive',
    'kubectl scale widget one --replicas=3',
    'kubectl get widget one --subresource=scale -o yaml',
    'kubectl patch widget one --type=merge -p \'{"spec":{"size":5}}\'',
    'kubectl patch widget one -p \'{"spec":{"size":5}}\'',
    'kubectl patch widget one --subresource=status --type=merge -p \'{"status":{"phase":"x"}}\'',
    "kubectl get widget one -o jsonpath='{.metadata.generation} {.status}'",
    'kubectl describe widget one',
    'kubectl label widget one a=b',
    'kubectl wait widget one --for=jsonpath={.status.phase}=x --timeout=20s',
    'kubectl rollout status widget/one',
    'kubectl delete widget one',
    'kubectl delete crd widgets.kubectl.example.org',
    'kubectl get widgets',
  ],
}
