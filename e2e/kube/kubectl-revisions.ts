import type { Scenario } from './kubectl-files.ts'

const SHOP = `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {app: shop}}
spec:
  replicas: 0
  selector: {matchLabels: {app: shop}}
  template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: shop, image: "nginx:1", ports: [{containerPort: 80}]}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  replicas: 0
  serviceName: store
  selector: {matchLabels: {app: store}}
  template: {metadata: {labels: {app: store}}, spec: {containers: [{name: store, image: "db:1"}]}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: proxy}
spec:
  selector: {matchLabels: {app: proxy}}
  template: {metadata: {labels: {app: proxy}}, spec: {containers: [{name: proxy, image: "p:1"}]}}
`

const SETTLED = '@kubectl rollout status deployment/shop --timeout=5s; sleep 1'
const SETS =
  'kubectl get rs -l app=shop -o custom-columns=NAME:.metadata.name,R:.metadata.annotations.deployment\\\\.kubernetes\\\\.io/revision,IMAGE:.spec.template.spec.containers[*].image --sort-by=.metadata.annotations.deployment\\\\.kubernetes\\\\.io/revision'

/** Revisions by the names that controllers give them. */
export const REVISIONS: Scenario = {
  name: 'revisions',
  files: { 'shop.yaml': SHOP },
  steps: [
    'kubectl apply -f shop.yaml',
    SETTLED,
    'kubectl get rs',
    'kubectl get rs -o wide',
    'kubectl get rs -o yaml',
    'kubectl get controllerrevisions',
    'kubectl get controllerrevisions -o yaml',
    SETS,
    'kubectl rollout history deployment/shop',
    'kubectl rollout history sts/store',
    'kubectl rollout history ds/proxy',
    'kubectl set image deployment/shop shop=nginx:2',
    SETTLED,
    SETS,
    "kubectl annotate deployment/shop kubernetes.io/change-cause='second image'",
    SETTLED,
    'kubectl rollout history deployment/shop',
    'kubectl set image deployment/shop shop=nginx:3',
    SETTLED,
    SETS,
    'kubectl rollout history deployment/shop --revision=1',
    'kubectl rollout history deployment/shop --revision=2',
    'kubectl rollout history deployment/shop --revision=3 -o yaml',
    'kubectl rollout history deployment/shop -o jsonpath={.metadata.name}',
    'kubectl rollout undo deployment/shop --to-revision=1 --dry-run=server',
    'kubectl rollout undo deployment/shop --to-revision=1',
    SETTLED,
    SETS,
    'kubectl rollout undo deployment/shop',
    SETTLED,
    SETS,
    'kubectl rollout history deployment/shop',
    'kubectl rollout undo deployment/shop --to-revision=4',
    'kubectl rollout undo deployment/shop --to-revision=99',
    'kubectl rollout pause deployment/shop',
    'kubectl set env deployment/shop A=1',
    'kubectl set resources deployment/shop --limits=cpu=100m',
    '@sleep 1',
    SETS,
    'kubectl rollout status deployment/shop --timeout=1s',
    'kubectl rollout undo deployment/shop',
    'kubectl rollout resume deployment/shop',
    SETTLED,
    SETS,
    'kubectl describe deployment shop',
    'kubectl patch deployment shop -p \'{"spec":{"revisionHistoryLimit":1}}\'',
    SETTLED,
    SETS,
    'kubectl rollout history deployment/shop',
    'kubectl set image sts/store store=db:2',
    'kubectl set image ds/proxy proxy=p:2',
    '@sleep 1.5',
    'kubectl get controllerrevisions --sort-by=.metadata.name',
    'kubectl rollout history sts/store',
    'kubectl rollout history sts/store --revision=1',
    'kubectl rollout history ds/proxy',
    'kubectl rollout history ds/proxy --revision=2',
    'kubectl rollout undo sts/store',
    'kubectl rollout undo ds/proxy --to-revision=1',
    '@sleep 1.5',
    'kubectl get controllerrevisions --sort-by=.metadata.name',
    'kubectl rollout history sts/store',
    'kubectl rollout history ds/proxy',
    'kubectl get sts store -o jsonpath={.status.currentRevision},{.status.updateRevision}',
    'kubectl rollout undo sts/store --to-revision=77',
    'kubectl rollout status ds/proxy --timeout=20s',
    'kubectl rollout status sts/store --timeout=20s',
    'kubectl rollout restart ds/none',
    'kubectl rollout pause sts/store',
    'kubectl rollout resume ds/proxy',
    'kubectl rollout history',
    'kubectl rollout history deployment',
    'kubectl rollout undo',
    'kubectl delete deployment shop --cascade=orphan',
    '@sleep 1',
    SETS,
    'kubectl apply -f shop.yaml',
    SETTLED,
    SETS,
  ],
}
